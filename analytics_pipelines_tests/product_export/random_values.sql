-- Values of the whole range of types, the same for the same seed; every seventh row is null.
CREATE TABLE public.random_values AS
SELECT
    n AS id,
    timestamptz '0001-01-01 00:00+00' + random() * 315537897600 * interval '1 second' AS moment,
    timestamp '0001-01-01 00:00' + random() * 315537897600 * interval '1 second' AS local,
    date '0001-01-01' + CAST(random() * 3652058 AS integer) AS day,
    time '00:00' + random() * interval '86399 seconds' AS clock,
    random() * interval '400 days' - interval '30 days' AS span,
    random() * power(10::float8, random() * 600 - 300) * sign(random() - 0.5) AS double,
    CAST(random() * power(10::float8, random() * 70 - 35) * sign(random() - 0.5) AS real) AS real,
    CAST((random() - 0.5) * 1e19 AS numeric(38, 19)) AS longest,
    CAST(random() * 1e9 - 5e8 AS numeric(12, 2)) AS price,
    CAST(random() - 0.5 AS numeric(18, 18)) AS fraction,
    CAST(random() * power(10::numeric, CAST(random() * 40 AS integer)) AS numeric) AS any_number,
    CAST(random() * 2e18 - 1e18 AS bigint) AS large,
    (
        SELECT string_agg(chr(CAST(CASE WHEN x < 0.5 THEN 32 + x * 190 WHEN x < 0.9 THEN x * 55000 ELSE 57344 + x * 1000000 END AS integer)), '')
        FROM (SELECT random() AS x FROM generate_series(1, n % 12)) AS letters
    ) AS line,
    decode(md5(CAST(random() AS text)), 'hex') AS binary,
    jsonb_build_object('a', random(), 'é', CAST(random() AS numeric(20, 5))) AS document,
    ARRAY[random(), NULL, random()] AS doubles,
    int4range(CAST(random() * 10 AS integer), 20) AS some,
    inet '10.0.0.0' + n AS address
FROM generate_series(1, {rows}) AS n;
INSERT INTO public.random_values (id) SELECT -n FROM generate_series(1, {rows} / 7) AS n;
