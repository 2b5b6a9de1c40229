//! What providers append to the ticker of a listing, and what they call indices.

/// How a listing on an exchange is written. `None` where the provider has it not, or where it is not known for
/// certain: nobody is asked for what might be another company.
pub(super) struct Exchange {
    /// Its operating market (ISO 10383).
    pub(super) mic: &'static str,
    /// In which shares are usually quoted there.
    pub(super) currency: &'static str,
    /// After the ticker at Yahoo.
    pub(super) yahoo: Option<&'static str>,
    /// After the ticker at Stooq; its own, Warsaw's, stand bare.
    pub(super) stooq: Option<&'static str>,
    /// After the ticker at Alpha Vantage.
    pub(super) alpha_vantage: Option<&'static str>,
    /// The market as Twelve Data names it; two of them by their segment.
    pub(super) twelve_data: Option<&'static str>,
}

/// Where American shares are listed: whoever means the United States by a bare ticker means one of these.
pub(super) const AMERICAN: [&str; 7] = ["XNYS", "XNAS", "XASE", "ARCX", "BATS", "IEXG", "OTCM"];

const NONE: Option<&str> = None;

const fn listed(
    mic: &'static str,
    currency: &'static str,
    yahoo: Option<&'static str>,
    stooq: Option<&'static str>,
    alpha_vantage: Option<&'static str>,
    twelve_data: Option<&'static str>,
) -> Exchange {
    Exchange {
        mic,
        currency,
        yahoo,
        stooq,
        alpha_vantage,
        twelve_data,
    }
}

/// The exchanges abroad. Yahoo's endings stand in its list of exchanges (help page SLN2310), those of Riyadh and
/// Dubai on the pages of their shares; Alpha Vantage's in the examples of its documentation.
#[rustfmt::skip]
pub(super) const EXCHANGES: [Exchange; 54] = [
    listed("XTSE", "CAD", Some(".TO"), NONE, Some(".TRT"), Some("XTSE")),
    listed("XTSX", "CAD", Some(".V"), NONE, Some(".TRV"), Some("XTSX")),
    listed("XCNQ", "CAD", Some(".CN"), NONE, NONE, Some("XCNQ")),
    listed("NEOE", "CAD", Some(".NE"), NONE, NONE, Some("NEOE")),
    listed("XMEX", "MXN", Some(".MX"), NONE, NONE, Some("XMEX")),
    listed("BVMF", "BRL", Some(".SA"), NONE, NONE, Some("BVMF")),
    listed("XBUE", "ARS", Some(".BA"), NONE, NONE, Some("XBUE")),
    listed("XSGO", "CLP", Some(".SN"), NONE, NONE, Some("XSGO")),
    listed("XBOG", "COP", NONE, NONE, NONE, Some("XBOG")),
    listed("XLIM", "PEN", NONE, NONE, NONE, Some("XLIM")),
    listed("XLON", "GBP", Some(".L"), Some(".uk"), Some(".LON"), Some("XLON")),
    listed("XDUB", "EUR", Some(".IR"), NONE, NONE, Some("XDUB")),
    listed("XETR", "EUR", Some(".DE"), Some(".de"), Some(".DEX"), Some("XETR")),
    listed("XFRA", "EUR", Some(".F"), NONE, NONE, Some("XFRA")),
    listed("XSTU", "EUR", Some(".SG"), NONE, NONE, Some("XSTU")),
    listed("XMUN", "EUR", Some(".MU"), NONE, NONE, Some("XMUN")),
    listed("TGAT", "EUR", NONE, NONE, NONE, NONE),
    listed("XPAR", "EUR", Some(".PA"), NONE, NONE, Some("XPAR")),
    listed("XAMS", "EUR", Some(".AS"), NONE, NONE, Some("XAMS")),
    listed("XBRU", "EUR", Some(".BR"), NONE, NONE, Some("XBRU")),
    listed("XLIS", "EUR", Some(".LS"), NONE, NONE, Some("XLIS")),
    listed("XMIL", "EUR", Some(".MI"), NONE, NONE, Some("MTAA")),
    listed("XOSL", "NOK", Some(".OL"), NONE, NONE, Some("XOSL")),
    listed("XMAD", "EUR", Some(".MC"), NONE, NONE, Some("XMAD")),
    listed("XSWX", "CHF", Some(".SW"), NONE, NONE, Some("XSWX")),
    listed("XWBO", "EUR", Some(".VI"), NONE, NONE, Some("XWBO")),
    listed("XSTO", "SEK", Some(".ST"), NONE, NONE, Some("XSTO")),
    listed("XHEL", "EUR", Some(".HE"), NONE, NONE, Some("XHEL")),
    listed("XCSE", "DKK", Some(".CO"), NONE, NONE, Some("XCSE")),
    listed("XICE", "ISK", Some(".IC"), NONE, NONE, Some("XICE")),
    listed("XWAR", "PLN", Some(".WA"), Some(""), NONE, Some("XWAR")),
    listed("XPRA", "CZK", Some(".PR"), NONE, NONE, Some("XPRA")),
    listed("XBUD", "HUF", Some(".BD"), Some(".hu"), NONE, Some("XBUD")),
    listed("XATH", "EUR", Some(".AT"), NONE, NONE, Some("XATH")),
    listed("XIST", "TRY", Some(".IS"), NONE, NONE, Some("XIST")),
    listed("XTAE", "ILS", Some(".TA"), NONE, NONE, Some("XTAE")),
    listed("XJSE", "ZAR", Some(".JO"), NONE, NONE, Some("XJSE")),
    listed("XSAU", "SAR", Some(".SR"), NONE, NONE, Some("XSAU")),
    listed("XDFM", "AED", Some(".AE"), NONE, NONE, Some("XDFM")),
    listed("XTKS", "JPY", Some(".T"), Some(".jp"), NONE, Some("XJPX")),
    listed("XHKG", "HKD", Some(".HK"), Some(".hk"), NONE, Some("XHKG")),
    listed("XSHG", "CNY", Some(".SS"), NONE, Some(".SHH"), Some("XSHG")),
    listed("XSHE", "CNY", Some(".SZ"), NONE, Some(".SHZ"), Some("XSHE")),
    listed("XTAI", "TWD", Some(".TW"), NONE, NONE, Some("XTAI")),
    listed("XKRX", "KRW", Some(".KS"), NONE, NONE, Some("XKRX")),
    listed("XSES", "SGD", Some(".SI"), NONE, NONE, Some("XSES")),
    listed("XKLS", "MYR", Some(".KL"), NONE, NONE, Some("XKLS")),
    listed("XBKK", "THB", Some(".BK"), NONE, NONE, Some("XBKK")),
    listed("XIDX", "IDR", Some(".JK"), NONE, NONE, Some("XIDX")),
    listed("XPHS", "PHP", NONE, NONE, NONE, Some("XPHS")),
    listed("XNSE", "INR", Some(".NS"), NONE, NONE, Some("XNSE")),
    listed("XBOM", "INR", Some(".BO"), NONE, Some(".BSE"), Some("XBOM")),
    listed("XASX", "AUD", Some(".AX"), NONE, NONE, Some("XASX")),
    listed("XNZE", "NZD", Some(".NZ"), NONE, NONE, Some("XNZE")),
];

/// What an index is called.
pub(super) struct IndexNames {
    /// As people and brokers write it, without a caret.
    pub(super) usual: &'static [&'static str],
    /// At Yahoo.
    pub(super) yahoo: &'static str,
    /// At Stooq.
    pub(super) stooq: Option<&'static str>,
    /// At Twelve Data.
    pub(super) twelve_data: Option<&'static str>,
    /// FRED's series of its values.
    pub(super) fred: Option<&'static str>,
    /// At Cboe, which lists options on it.
    pub(super) cboe: Option<&'static str>,
}

const fn index(
    usual: &'static [&'static str],
    yahoo: &'static str,
    stooq: Option<&'static str>,
    twelve_data: Option<&'static str>,
    fred: Option<&'static str>,
    cboe: Option<&'static str>,
) -> IndexNames {
    IndexNames {
        usual,
        yahoo,
        stooq,
        twelve_data,
        fred,
        cboe,
    }
}

#[rustfmt::skip]
pub(super) const INDICES: [IndexNames; 21] = [
    index(&["SPX", "GSPC", "SP500"], "^GSPC", Some("^spx"), Some("SPX"), Some("SP500"), Some("^SPX")),
    index(&["DJI", "DJIA"], "^DJI", Some("^dji"), Some("DJI"), Some("DJIA"), NONE),
    index(&["IXIC", "COMP"], "^IXIC", Some("^ndq"), Some("IXIC"), Some("NASDAQCOM"), NONE),
    index(&["NDX"], "^NDX", Some("^ndx"), Some("NDX"), Some("NASDAQ100"), Some("^NDX")),
    index(&["VIX"], "^VIX", NONE, NONE, Some("VIXCLS"), Some("^VIX")),
    index(&["RUT"], "^RUT", NONE, NONE, NONE, Some("^RUT")),
    index(&["OEX"], "^OEX", NONE, NONE, NONE, Some("^OEX")),
    index(&["XSP"], "^XSP", NONE, NONE, NONE, Some("^XSP")),
    index(&["N225", "NIKKEI225"], "^N225", Some("^nkx"), NONE, Some("NIKKEI225"), NONE),
    index(&["DAX", "GDAXI"], "^GDAXI", Some("^dax"), NONE, NONE, NONE),
    index(&["FTSE", "UKX"], "^FTSE", Some("^ukx"), NONE, NONE, NONE),
    index(&["CAC", "CAC40", "FCHI", "PX1"], "^FCHI", Some("^cac"), NONE, NONE, NONE),
    index(&["STOXX50E", "SX5E"], "^STOXX50E", NONE, NONE, NONE, NONE),
    index(&["AEX"], "^AEX", Some("^aex"), NONE, NONE, NONE),
    index(&["SMI", "SSMI"], "^SSMI", Some("^smi"), NONE, NONE, NONE),
    index(&["IBEX", "IBEX35"], "^IBEX", Some("^ibex"), NONE, NONE, NONE),
    index(&["HSI"], "^HSI", Some("^hsi"), NONE, NONE, NONE),
    index(&["AXJO", "AS51"], "^AXJO", NONE, NONE, NONE, NONE),
    index(&["GSPTSE"], "^GSPTSE", Some("^tsx"), NONE, NONE, NONE),
    index(&["KS11", "KOSPI"], "^KS11", Some("^kospi"), NONE, NONE, NONE),
    index(&["BVSP", "IBOV"], "^BVSP", Some("^bvp"), NONE, NONE, NONE),
];
