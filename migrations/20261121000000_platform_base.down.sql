drop table platform.jobs;
drop table platform.idempotency_keys;
drop function platform.touch_updated_at();
drop function platform.current_user_id();
alter default privileges grant execute on functions to public;
