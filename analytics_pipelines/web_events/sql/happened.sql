-- Received events with the time at which each happened: the clock's error of a client that says when it sent is taken
-- out, and nothing happens after its receipt.
SELECT
    *,
    LEAST(
        received_at,
        CASE WHEN sent_at IS NULL THEN event_at ELSE received_at - (sent_at - event_at) END
    ) AS happened_at
FROM raw_web__events
