-- Where instruments are traded: operating markets by their ISO 10383 code (MIC), with the code that
-- people and brokers use, and the calendar of their sessions where one is known.
create table market.exchanges (
    mic text constraint exchanges_pkey primary key
        constraint exchanges_mic_check check (mic ~ '^[A-Z0-9]{4}$'),
    code text not null constraint exchanges_code_key unique
        constraint exchanges_code_check check (code ~ '^[A-Z0-9-]{2,12}$'),
    name text not null,
    country text not null constraint exchanges_country_check check (country ~ '^[A-Z]{2}$'),
    time_zone text not null,
    currency text not null constraint exchanges_currency_check check (currency ~ '^[A-Z]{3}$'),
    -- Names a calendar of the program; unknown where it has none.
    calendar text,
    -- Other words for it in files of brokers and sources, upper case.
    aliases text[] not null default '{}',
    constraint exchanges_mic_code_key unique (mic, code)
);
grant select on market.exchanges to bursar_user;
grant select, insert, update, delete on market.exchanges to bursar_system;

insert into market.exchanges (mic, code, name, country, time_zone, currency, calendar, aliases) values
    ('XNYS', 'NYSE', 'New York Stock Exchange', 'US', 'America/New_York', 'USD', 'XNYS', '{NYQ,"NEW YORK",N}'),
    ('XNAS', 'NASDAQ', 'Nasdaq', 'US', 'America/New_York', 'USD', 'XNAS', '{NMS,NGM,NCM,NAS,NDQ,XNGS,XNMS,XNCM,O}'),
    ('XASE', 'AMEX', 'NYSE American', 'US', 'America/New_York', 'USD', 'XNYS', '{ASE,NYSEAMERICAN,NYSEMKT}'),
    ('ARCX', 'ARCA', 'NYSE Arca', 'US', 'America/New_York', 'USD', 'XNYS', '{PCX,NYSEARCA,P}'),
    ('BATS', 'CBOE-BZX', 'Cboe BZX U.S. Equities Exchange', 'US', 'America/New_York', 'USD', 'XNYS', '{BZX,Z}'),
    ('IEXG', 'IEX', 'Investors Exchange', 'US', 'America/New_York', 'USD', 'XNYS', '{V}'),
    ('XCBO', 'CBOE', 'Cboe Options Exchange', 'US', 'America/Chicago', 'USD', 'XNYS', '{CBO}'),
    ('XCME', 'CME', 'Chicago Mercantile Exchange', 'US', 'America/Chicago', 'USD', null, '{}'),
    ('XCBT', 'CBOT', 'Chicago Board of Trade', 'US', 'America/Chicago', 'USD', null, '{CBT}'),
    ('XNYM', 'NYMEX', 'New York Mercantile Exchange', 'US', 'America/New_York', 'USD', null, '{NYM}'),
    ('XCEC', 'COMEX', 'Commodity Exchange', 'US', 'America/New_York', 'USD', null, '{CMX}'),
    ('IFUS', 'ICE-US', 'ICE Futures U.S.', 'US', 'America/New_York', 'USD', null, '{NYB}'),
    ('OTCM', 'OTC', 'OTC Markets', 'US', 'America/New_York', 'USD', 'XNYS', '{PNK,OTCQX,OTCQB,PINK}'),
    ('XTSE', 'TSX', 'Toronto Stock Exchange', 'CA', 'America/Toronto', 'CAD', 'XTSE', '{TOR,TO}'),
    ('XTSX', 'TSXV', 'TSX Venture Exchange', 'CA', 'America/Toronto', 'CAD', 'XTSE', '{VAN,CVE}'),
    ('XCNQ', 'CSE', 'Canadian Securities Exchange', 'CA', 'America/Toronto', 'CAD', 'XTSE', '{CNQ}'),
    ('NEOE', 'NEO', 'Cboe Canada', 'CA', 'America/Toronto', 'CAD', 'XTSE', '{}'),
    ('XMEX', 'BMV', 'Bolsa Mexicana de Valores', 'MX', 'America/Mexico_City', 'MXN', null, '{MEX}'),
    ('BVMF', 'B3', 'B3 Brasil Bolsa Balcao', 'BR', 'America/Sao_Paulo', 'BRL', null, '{SAO,BOVESPA}'),
    ('XBUE', 'BCBA', 'Bolsa de Comercio de Buenos Aires', 'AR', 'America/Argentina/Buenos_Aires', 'ARS', null, '{BUE}'),
    ('XSGO', 'BCS', 'Bolsa de Santiago', 'CL', 'America/Santiago', 'CLP', null, '{SGO}'),
    ('XBOG', 'BVC', 'Bolsa de Valores de Colombia', 'CO', 'America/Bogota', 'COP', null, '{BOG}'),
    ('XLIM', 'BVL', 'Bolsa de Valores de Lima', 'PE', 'America/Lima', 'PEN', null, '{LIM}'),
    ('XLON', 'LSE', 'London Stock Exchange', 'GB', 'Europe/London', 'GBP', 'XLON', '{LON,L}'),
    ('XDUB', 'ISE', 'Euronext Dublin', 'IE', 'Europe/Dublin', 'EUR', null, '{DUB}'),
    ('XETR', 'XETRA', 'Xetra', 'DE', 'Europe/Berlin', 'EUR', 'XETR', '{GER,ETR,IBIS}'),
    ('XFRA', 'FWB', 'Boerse Frankfurt', 'DE', 'Europe/Berlin', 'EUR', 'XETR', '{FRA}'),
    ('XSTU', 'SWB', 'Boerse Stuttgart', 'DE', 'Europe/Berlin', 'EUR', 'XETR', '{STU}'),
    ('XMUN', 'BMUC', 'Boerse Muenchen', 'DE', 'Europe/Berlin', 'EUR', 'XETR', '{MUN}'),
    ('TGAT', 'TGATE', 'Tradegate', 'DE', 'Europe/Berlin', 'EUR', 'XETR', '{TRADEGATE,TGT}'),
    ('XPAR', 'PAR', 'Euronext Paris', 'FR', 'Europe/Paris', 'EUR', 'XPAR', '{PA,SBF,"EURONEXT PARIS"}'),
    ('XAMS', 'AMS', 'Euronext Amsterdam', 'NL', 'Europe/Amsterdam', 'EUR', 'XAMS', '{AEB,"EURONEXT AMSTERDAM"}'),
    ('XBRU', 'BRU', 'Euronext Brussels', 'BE', 'Europe/Brussels', 'EUR', 'XBRU', '{EBR,"EURONEXT BRUSSELS"}'),
    ('XLIS', 'LIS', 'Euronext Lisbon', 'PT', 'Europe/Lisbon', 'EUR', 'XLIS', '{BVLP,"EURONEXT LISBON"}'),
    ('XMIL', 'MIL', 'Borsa Italiana', 'IT', 'Europe/Rome', 'EUR', null, '{BIT,MTAA,BVME}'),
    ('XOSL', 'OSE', 'Oslo Bors', 'NO', 'Europe/Oslo', 'NOK', null, '{OSL}'),
    ('XMAD', 'BME', 'Bolsa de Madrid', 'ES', 'Europe/Madrid', 'EUR', null, '{MCE,MAD,BM}'),
    ('XSWX', 'SIX', 'SIX Swiss Exchange', 'CH', 'Europe/Zurich', 'CHF', 'XSWX', '{EBS,SWX,XVTX}'),
    ('XWBO', 'VIE', 'Wiener Boerse', 'AT', 'Europe/Vienna', 'EUR', null, '{WBAG}'),
    ('XSTO', 'STO', 'Nasdaq Stockholm', 'SE', 'Europe/Stockholm', 'SEK', null, '{SFB,OMX}'),
    ('XHEL', 'HEL', 'Nasdaq Helsinki', 'FI', 'Europe/Helsinki', 'EUR', null, '{HEX}'),
    ('XCSE', 'CPH', 'Nasdaq Copenhagen', 'DK', 'Europe/Copenhagen', 'DKK', null, '{CSX}'),
    ('XICE', 'ICEX', 'Nasdaq Iceland', 'IS', 'Atlantic/Reykjavik', 'ISK', null, '{}'),
    ('XWAR', 'GPW', 'Warsaw Stock Exchange', 'PL', 'Europe/Warsaw', 'PLN', null, '{WSE,WAR}'),
    ('XPRA', 'PSE', 'Prague Stock Exchange', 'CZ', 'Europe/Prague', 'CZK', null, '{PRA}'),
    ('XBUD', 'BSE-HU', 'Budapest Stock Exchange', 'HU', 'Europe/Budapest', 'HUF', null, '{BUD}'),
    ('XATH', 'ATHEX', 'Athens Exchange', 'GR', 'Europe/Athens', 'EUR', null, '{ATH,ASEX}'),
    ('XIST', 'BIST', 'Borsa Istanbul', 'TR', 'Europe/Istanbul', 'TRY', null, '{IST}'),
    ('XTAE', 'TASE', 'Tel Aviv Stock Exchange', 'IL', 'Asia/Jerusalem', 'ILS', null, '{TLV}'),
    ('XJSE', 'JSE', 'Johannesburg Stock Exchange', 'ZA', 'Africa/Johannesburg', 'ZAR', null, '{JNB}'),
    ('XSAU', 'TADAWUL', 'Saudi Exchange', 'SA', 'Asia/Riyadh', 'SAR', null, '{SAU}'),
    ('XDFM', 'DFM', 'Dubai Financial Market', 'AE', 'Asia/Dubai', 'AED', null, '{}'),
    ('XTKS', 'TSE', 'Tokyo Stock Exchange', 'JP', 'Asia/Tokyo', 'JPY', 'XTKS', '{JPX,TYO,T}'),
    ('XHKG', 'HKEX', 'Stock Exchange of Hong Kong', 'HK', 'Asia/Hong_Kong', 'HKD', 'XHKG', '{SEHK,HKG,HK}'),
    ('XSHG', 'SSE', 'Shanghai Stock Exchange', 'CN', 'Asia/Shanghai', 'CNY', null, '{SHH,SHA}'),
    ('XSHE', 'SZSE', 'Shenzhen Stock Exchange', 'CN', 'Asia/Shanghai', 'CNY', null, '{SHZ}'),
    ('XTAI', 'TWSE', 'Taiwan Stock Exchange', 'TW', 'Asia/Taipei', 'TWD', null, '{TAI}'),
    ('XKRX', 'KRX', 'Korea Exchange', 'KR', 'Asia/Seoul', 'KRW', null, '{KSC,KOE,KOSPI}'),
    ('XSES', 'SGX', 'Singapore Exchange', 'SG', 'Asia/Singapore', 'SGD', null, '{SES}'),
    ('XKLS', 'BURSA', 'Bursa Malaysia', 'MY', 'Asia/Kuala_Lumpur', 'MYR', null, '{KLS,KLSE}'),
    ('XBKK', 'SET', 'Stock Exchange of Thailand', 'TH', 'Asia/Bangkok', 'THB', null, '{BKK}'),
    ('XIDX', 'IDX', 'Indonesia Stock Exchange', 'ID', 'Asia/Jakarta', 'IDR', null, '{JKT}'),
    ('XPHS', 'PSE-PH', 'Philippine Stock Exchange', 'PH', 'Asia/Manila', 'PHP', null, '{PHS}'),
    ('XNSE', 'NSE', 'National Stock Exchange of India', 'IN', 'Asia/Kolkata', 'INR', null, '{NSI}'),
    ('XBOM', 'BSE', 'BSE Limited', 'IN', 'Asia/Kolkata', 'INR', null, '{BOM}'),
    ('XASX', 'ASX', 'Australian Securities Exchange', 'AU', 'Australia/Sydney', 'AUD', 'XASX', '{AX}'),
    ('XNZE', 'NZX', 'New Zealand Exchange', 'NZ', 'Pacific/Auckland', 'NZD', 'XNZE', '{NZE}');

-- The exchange of an instrument stays the text that its source used; what it means stands beside.
-- In steps, because it runs for every row of a bulk load and the first word nearly always fits.
create function market.mic_of(word text) returns text language plpgsql stable as $$
declare
    wanted constant text := upper(word);
    found_mic text;
begin
    select mic into found_mic from market.exchanges where mic = wanted;
    if found_mic is null then
        select mic into found_mic from market.exchanges where code = wanted;
    end if;
    if found_mic is null then
        select mic into found_mic from market.exchanges where wanted = any (aliases);
    end if;
    return found_mic;
end
$$;
grant execute on function market.mic_of(text) to bursar_user, bursar_system;

alter table market.instruments add column mic text
    constraint instruments_mic_fkey references market.exchanges;
update market.instruments set mic = market.mic_of(exchange) where exchange <> '';
create index instruments_mic_idx on market.instruments (mic) where mic is not null;

create function market.match_exchange() returns trigger language plpgsql as $$
begin
    new.mic := case when new.exchange = '' then null else market.mic_of(new.exchange) end;
    return new;
end
$$;
create trigger instruments_match_exchange before insert or update of exchange on market.instruments
    for each row execute function market.match_exchange();
