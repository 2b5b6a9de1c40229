drop trigger instruments_mark_changed_calendar on market.instruments;
drop function market.mark_changed_calendar();
drop function market.calendar_of_days(text, text);
drop table market.changed_calendars;
