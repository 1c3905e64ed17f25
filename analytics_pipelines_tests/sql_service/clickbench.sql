SELECT COUNT(*) FROM core_web__events
SELECT COUNT(*) FROM core_web__events WHERE CAST((payload ->> '$.engine') AS INTEGER) <> 0
SELECT SUM(CAST((payload ->> '$.engine') AS INTEGER)), COUNT(*), AVG(CAST((payload ->> '$.width') AS INTEGER)) FROM core_web__events
SELECT AVG(LENGTH(visitor_id)) FROM core_web__events
SELECT COUNT(DISTINCT visitor_id) FROM core_web__events
SELECT COUNT(DISTINCT (payload ->> '$.phrase')) FROM core_web__events
SELECT MIN(event_date), MAX(event_date) FROM core_web__events
SELECT medium, COUNT(*) FROM core_web__events WHERE medium <> '' GROUP BY medium ORDER BY COUNT(*) DESC
SELECT country, COUNT(DISTINCT visitor_id) AS u FROM core_web__events GROUP BY country ORDER BY u DESC LIMIT 10
SELECT country, SUM(CAST((payload ->> '$.engine') AS INTEGER)), COUNT(*) AS c, AVG(CAST((payload ->> '$.width') AS INTEGER)), COUNT(DISTINCT visitor_id) FROM core_web__events GROUP BY country ORDER BY c DESC LIMIT 10
SELECT browser, COUNT(DISTINCT visitor_id) AS u FROM core_web__events WHERE browser <> '' GROUP BY browser ORDER BY u DESC LIMIT 10
SELECT device, browser, COUNT(DISTINCT visitor_id) AS u FROM core_web__events WHERE browser <> '' GROUP BY device, browser ORDER BY u DESC LIMIT 10
SELECT (payload ->> '$.phrase') AS phrase, COUNT(*) AS c FROM core_web__events WHERE (payload ->> '$.phrase') <> '' GROUP BY phrase ORDER BY c DESC LIMIT 10
SELECT (payload ->> '$.phrase') AS phrase, COUNT(DISTINCT visitor_id) AS u FROM core_web__events WHERE (payload ->> '$.phrase') <> '' GROUP BY phrase ORDER BY u DESC LIMIT 10
SELECT source, (payload ->> '$.phrase') AS phrase, COUNT(*) AS c FROM core_web__events WHERE (payload ->> '$.phrase') <> '' GROUP BY source, phrase ORDER BY c DESC LIMIT 10
SELECT visitor_id, COUNT(*) FROM core_web__events GROUP BY visitor_id ORDER BY COUNT(*) DESC LIMIT 10
SELECT visitor_id, campaign, COUNT(*) FROM core_web__events GROUP BY visitor_id, campaign ORDER BY COUNT(*) DESC LIMIT 10
SELECT visitor_id, campaign, COUNT(*) FROM core_web__events GROUP BY visitor_id, campaign LIMIT 10
SELECT visitor_id, extract(minute FROM event_at) AS m, campaign, COUNT(*) FROM core_web__events GROUP BY visitor_id, m, campaign ORDER BY COUNT(*) DESC LIMIT 10
SELECT visitor_id FROM core_web__events WHERE visitor_id = 'visitor-4353'
SELECT COUNT(*) FROM core_web__events WHERE url LIKE '%google%'
SELECT (payload ->> '$.phrase') AS phrase, MIN(url), COUNT(*) AS c FROM core_web__events WHERE url LIKE '%google%' AND (payload ->> '$.phrase') <> '' GROUP BY phrase ORDER BY c DESC LIMIT 10
SELECT campaign, MIN(url), MIN(title), COUNT(*) AS c, COUNT(DISTINCT visitor_id) FROM core_web__events WHERE title LIKE '%Google%' AND url NOT LIKE '%.google.%' AND campaign <> '' GROUP BY campaign ORDER BY c DESC LIMIT 10
SELECT * FROM core_web__events WHERE url LIKE '%google%' ORDER BY event_at LIMIT 10
SELECT campaign FROM core_web__events WHERE campaign <> '' ORDER BY event_at LIMIT 10
SELECT campaign FROM core_web__events WHERE campaign <> '' ORDER BY campaign LIMIT 10
SELECT campaign FROM core_web__events WHERE campaign <> '' ORDER BY event_at, campaign LIMIT 10
SELECT site_id, AVG(STRLEN(url)) AS l, COUNT(*) AS c FROM core_web__events WHERE url <> '' GROUP BY site_id HAVING COUNT(*) > 1000 ORDER BY l DESC LIMIT 25
SELECT REGEXP_REPLACE(referrer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') AS k, AVG(STRLEN(referrer)) AS l, COUNT(*) AS c, MIN(referrer) FROM core_web__events WHERE referrer <> '' GROUP BY k HAVING COUNT(*) > 100 ORDER BY l DESC LIMIT 25
SELECT SUM(w), SUM(w + 1), SUM(w + 2), SUM(w + 3), SUM(w + 4), SUM(w + 5), SUM(w + 6), SUM(w + 7), SUM(w + 8), SUM(w + 9), SUM(w + 10), SUM(w + 11), SUM(w + 12), SUM(w + 13), SUM(w + 14), SUM(w + 15), SUM(w + 16), SUM(w + 17), SUM(w + 18), SUM(w + 19), SUM(w + 20), SUM(w + 21), SUM(w + 22), SUM(w + 23), SUM(w + 24), SUM(w + 25), SUM(w + 26), SUM(w + 27), SUM(w + 28), SUM(w + 29) FROM (SELECT STRLEN(url) AS w FROM core_web__events)
SELECT source, session_id, COUNT(*) AS c, SUM(CAST(is_interactive AS INTEGER)), AVG(CAST((payload ->> '$.width') AS INTEGER)) FROM core_web__events WHERE campaign <> '' GROUP BY source, session_id ORDER BY c DESC LIMIT 10
SELECT event_id, session_id, COUNT(*) AS c, SUM(CAST(is_interactive AS INTEGER)), AVG(CAST((payload ->> '$.width') AS INTEGER)) FROM core_web__events WHERE campaign <> '' GROUP BY event_id, session_id ORDER BY c DESC LIMIT 10
SELECT event_id, session_id, COUNT(*) AS c, SUM(CAST(is_interactive AS INTEGER)), AVG(CAST((payload ->> '$.width') AS INTEGER)) FROM core_web__events GROUP BY event_id, session_id ORDER BY c DESC LIMIT 10
SELECT url, COUNT(*) AS c FROM core_web__events GROUP BY url ORDER BY c DESC LIMIT 10
SELECT 1, url, COUNT(*) AS c FROM core_web__events GROUP BY 1, url ORDER BY c DESC LIMIT 10
SELECT n, n - 1, n - 2, n - 3, COUNT(*) AS c FROM (SELECT STRLEN(session_id) AS n FROM core_web__events) GROUP BY n, n - 1, n - 2, n - 3 ORDER BY c DESC LIMIT 10
SELECT url, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND NOT is_bot AND is_pageview AND url <> '' GROUP BY url ORDER BY pageviews DESC LIMIT 10
SELECT title, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND NOT is_bot AND is_pageview AND title <> '' GROUP BY title ORDER BY pageviews DESC LIMIT 10
SELECT url, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND is_pageview AND is_interactive AND NOT is_bot GROUP BY url ORDER BY pageviews DESC LIMIT 10 OFFSET 100
SELECT channel, source, medium, CASE WHEN (source = 'direct' AND medium IS NULL) THEN referrer ELSE '' END AS src, url AS dst, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND is_pageview GROUP BY channel, source, medium, src, dst ORDER BY pageviews DESC LIMIT 10 OFFSET 100
SELECT MD5(url) AS url_hash, event_date, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND is_pageview AND source IN ('google', 'news') AND referrer_host = 'news-4.example.net' GROUP BY url_hash, event_date ORDER BY pageviews DESC LIMIT 10 OFFSET 10
SELECT (payload ->> '$.width') AS width, (payload ->> '$.height') AS height, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-30' AND NOT is_bot AND MD5(title) = MD5('Page 4') GROUP BY width, height ORDER BY pageviews DESC LIMIT 10
SELECT DATE_TRUNC('minute', event_at) AS m, COUNT(*) AS pageviews FROM core_web__events WHERE site_id = 'site-2' AND event_date >= '2026-11-01' AND event_date <= '2026-11-02' AND is_pageview AND NOT is_bot GROUP BY DATE_TRUNC('minute', event_at) ORDER BY DATE_TRUNC('minute', event_at) LIMIT 10 OFFSET 100
