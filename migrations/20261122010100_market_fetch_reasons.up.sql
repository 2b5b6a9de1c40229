-- A source that redirected in a circle had its whole address in the reason, the key included.
update market.fetches set reason = regexp_replace(reason, '(api_?key=)[^&\s]+', '\1…', 'gi')
where reason ~* 'api_?key=';
update market.providers set last_failure = regexp_replace(last_failure, '(api_?key=)[^&\s]+', '\1…', 'gi')
where last_failure ~* 'api_?key=';
