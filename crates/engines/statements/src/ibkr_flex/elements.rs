//! XML to the elements that may state a transaction.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{Unreadable, text::LineCounter, unknown::Unknown};

/// The finest level of detail; an element without a level counts as that.
pub(super) const FINEST: &str = "";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    Trade,
    Order,
    TradeConfirm,
    CashTransaction,
    CorporateAction,
    Transfer,
    OptionExercise,
    OpenPosition,
    CashBalance,
    Equity,
    TransactionTax,
    SalesTax,
    /// The statement of one account.
    Statement,
    AccountInformation,
}

impl Tag {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Trade" => Self::Trade,
            "Order" => Self::Order,
            "TradeConfirm" | "TradeConfirmation" => Self::TradeConfirm,
            "CashTransaction" => Self::CashTransaction,
            "CorporateAction" => Self::CorporateAction,
            "Transfer" => Self::Transfer,
            "OptionEAE" => Self::OptionExercise,
            "OpenPosition" => Self::OpenPosition,
            "CashReportCurrency" => Self::CashBalance,
            "EquitySummaryByReportDateInBase" => Self::Equity,
            "TransactionTax" => Self::TransactionTax,
            "SalesTax" => Self::SalesTax,
            "FlexStatement" => Self::Statement,
            "AccountInformation" => Self::AccountInformation,
            _ => return None,
        })
    }

    pub(super) fn is_trade(self) -> bool {
        matches!(self, Self::Trade | Self::Order | Self::TradeConfirm)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Order => "order",
            Self::TradeConfirm => "trade confirmation",
            Self::CashTransaction => "cash transaction",
            Self::CorporateAction => "corporate action",
            Self::Transfer => "transfer",
            Self::OptionExercise => "option event",
            Self::OpenPosition => "open position",
            Self::CashBalance => "cash balance",
            Self::Equity => "equity summary",
            Self::TransactionTax => "transaction tax",
            Self::SalesTax => "sales tax",
            Self::Statement => "statement",
            Self::AccountInformation => "account information",
        }
    }
}

/// Elements that restate what others say, or state nothing of a ledger: sums, performance, accruals,
/// rates, lots.
const PASSED_OVER: [&str; 46] = [
    "FlexQueryResponse",
    "FlexStatementResponse",
    "FlexStatements",
    "AssetSummary",
    "SymbolSummary",
    "Lot",
    "ClosedLot",
    "WashSale",
    "ChangeInNAV",
    "ChangeInDividendAccrual",
    "OpenDividendAccrual",
    "ChangeInPositionValue",
    "ClientFee",
    "ClientFeesDetail",
    "ComplexPosition",
    "ConversionRate",
    "DepositsOnHold",
    "FdicInsuredDepositsByBank",
    "FIFOPerformanceSummaryUnderlying",
    "FIFOPerformanceSummaryInBase",
    "FxLot",
    "FxPosition",
    "FxTransaction",
    "HardToBorrowDetail",
    "HKIPOOpenSubscription",
    "IncentiveCouponAccrualDetail",
    "InterestAccrualsCurrency",
    "MTDYTDPerformanceSummaryUnderlying",
    "MTMPerformanceSummaryInBase",
    "MTMPerformanceSummaryUnderlying",
    "NetStockPosition",
    "PendingExcercise",
    "PendingExercise",
    "PriorPeriodPosition",
    "RoutingCommission",
    "SecurityInfo",
    "SLBActivity",
    "SLBCollateral",
    "SLBFee",
    "SLBOpenContract",
    "SoftDollar",
    "StatementOfFundsLine",
    "TierInterestDetail",
    "UnbookedTrade",
    "UnbundledCommissionDetail",
    "UnsettledTransfer",
];

/// What a Flex query holds.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Elements of interest in file order.
    pub(crate) elements: Vec<Element>,
    /// Elements that are not known.
    pub(crate) unknown: Unknown,
}

/// One element with its attributes, those that say nothing left out.
#[derive(Debug)]
pub(crate) struct Element {
    pub(super) line: u64,
    pub(super) tag: Tag,
    /// Which of the file's statements it stands in.
    pub(super) statement: usize,
    pub(super) account: Option<String>,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// A trade from another form of the same query, attribute by attribute.
    pub(crate) fn trade(line: u64, attributes: Vec<(String, String)>) -> Self {
        Self {
            line,
            tag: Tag::Trade,
            statement: 1,
            account: value(&attributes, "accountId"),
            attributes,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The level of detail, [`FINEST`] for single executions and single payments.
    pub(super) fn level(&self) -> &str {
        match (self.tag, self.get("levelOfDetail").unwrap_or_default()) {
            (Tag::Order, "") => "ORDER",
            (_, "EXECUTION" | "DETAIL") => FINEST,
            (_, level) => level,
        }
    }
}

/// The name of the root element.
pub(super) fn root(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return Some(name_of(&tag)),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// The first error of an XML text, if it has one.
pub(crate) fn syntax_error(text: &str) -> Option<Unreadable> {
    read(text).err()
}

fn name_of(tag: &BytesStart<'_>) -> String {
    tag.local_name().as_ref().to_owned()
}

/// All elements of interest in file order. A document type declaration is refused, and with it any
/// entity of the file's own.
pub(super) fn read(text: &str) -> Result<Document, Unreadable> {
    let mut reader = Reader::from_str(text);
    let mut lines = LineCounter::new(text);
    let mut found = Document::default();
    let mut open: Vec<String> = Vec::new();
    let (mut statement, mut account) = (0, None);
    let mut failure: Option<String> = None;
    loop {
        // An event begins where the one before it ended.
        let line = lines.line_at(reader.buffer_position() as usize);
        let wrong = |reason: String| Unreadable::Xml { line, reason };
        match reader
            .read_event()
            .map_err(|error| wrong(error.to_string()))?
        {
            Event::DocType(_) => {
                return Err(wrong(
                    "a document type declaration is not accepted".to_owned(),
                ));
            }
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let is_open = matches!(event, Event::Start(_));
                let (Event::Start(tag) | Event::Empty(tag)) = event else {
                    continue;
                };
                let name = name_of(&tag);
                let attributes = attributes(&tag).map_err(wrong)?;
                if name == "FlexStatement" {
                    statement += 1;
                    account = value(&attributes, "accountId");
                }
                // A list may be called like its elements, and has no attributes.
                if attributes.is_empty() {
                } else if let Some(tag) = Tag::of(&name) {
                    let account = value(&attributes, "accountId").or_else(|| account.clone());
                    found.elements.push(Element {
                        line,
                        tag,
                        statement,
                        account,
                        attributes,
                    });
                } else if !PASSED_OVER.contains(&&*name) {
                    found.unknown.note(&name, line);
                }
                if is_open {
                    open.push(name);
                }
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) if open.last().is_some_and(|name| name == "ErrorMessage") => {
                failure = Some(text.trim().to_owned());
            }
            Event::Eof => {
                return match (open.last(), failure) {
                    (Some(name), _) => Err(wrong(format!("the file ends inside of <{name}>"))),
                    (None, Some(message)) => Err(Unreadable::NotAStatement { message }),
                    (None, None) => Ok(found),
                };
            }
            _ => {}
        }
    }
}

fn value(attributes: &[(String, String)], key: &str) -> Option<String> {
    attributes
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.clone())
}

/// Attributes that say something; a dash stands for nothing.
fn attributes(tag: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        let value = value.trim();
        if !matches!(value, "" | "-" | "--" | "N/A") {
            found.push((attribute.key.as_ref().to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}
