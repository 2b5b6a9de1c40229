-- The rest of what a person can choose. Defaults are those of the program; a test compares them.
alter table identity.preferences
    add column timezone text not null default 'UTC'
        constraint preferences_timezone_check check (length(timezone) between 1 and 64),
    add column number_format text not null default 'locale'
        constraint preferences_number_format_check
        check (number_format in ('locale', 'en-US', 'de-DE', 'de-CH', 'fr-FR')),
    add column date_format text not null default 'locale'
        constraint preferences_date_format_check
        check (date_format in ('locale', 'YYYY-MM-DD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY')),
    add column time_format text not null default '24h'
        constraint preferences_time_format_check check (time_format in ('24h', '12h')),
    add column price_display text not null default 'exact'
        constraint preferences_price_display_check check (price_display in ('exact', 'rounded')),
    add column sign_colours text not null default 'standard'
        constraint preferences_sign_colours_check
        check (sign_colours in ('standard', 'colour_blind', 'red_up')),
    add column font_family text not null default 'system'
        constraint preferences_font_family_check check (font_family in ('system', 'serif', 'mono')),
    add column font_size text not null default 'medium'
        constraint preferences_font_size_check
        check (font_size in ('small', 'medium', 'large', 'extra_large')),
    add column density text not null default 'comfortable'
        constraint preferences_density_check check (density in ('comfortable', 'compact')),
    add column animations boolean not null default true,
    add column chart_type text not null default 'area'
        constraint preferences_chart_type_check check (chart_type in ('area', 'line', 'bar')),
    add column chart_timeframe text not null default '1Y'
        constraint preferences_chart_timeframe_check
        check (chart_timeframe in ('1M', '3M', 'YTD', '1Y', '5Y', 'ALL')),
    add column history_range text not null default '1y'
        constraint preferences_history_range_check
        check (history_range in ('1m', '3m', 'ytd', '1y', '3y', '5y', 'all')),
    -- A page of the main navigation.
    add column default_view text not null default '/'
        constraint preferences_default_view_check check (default_view ~ '^/[a-z/-]{0,100}$'),
    add column live_data boolean not null default true,
    add column refresh_interval_s integer not null default 30
        constraint preferences_refresh_interval_s_check check (refresh_interval_s between 5 and 3600),
    add column email_notifications boolean not null default true,
    add column webhook_url text
        constraint preferences_webhook_url_check check (length(webhook_url) between 1 and 500),
    -- Hundredths of a percent.
    add column alert_threshold_bps integer not null default 500
        constraint preferences_alert_threshold_bps_check check (alert_threshold_bps between 0 and 10000),
    add column confirm_actions boolean not null default false,
    add column show_risk_warnings boolean not null default true,
    add column api_access boolean not null default true;
