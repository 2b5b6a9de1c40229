drop trigger sessions_tell_ended on identity.sessions;
drop function identity.tell_session_ended();
