//! The names of sections, columns and categories, in the languages in which Interactive Brokers
//! writes its statements. All are compared without case, blanks and punctuation.

/// What a section states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Section {
    Statement,
    Account,
    Trades,
    Dividends,
    WithholdingTax,
    Interest,
    Fees,
    TransactionFees,
    SalesTax,
    Funding,
    CorporateActions,
    Transfers,
    OpenPositions,
    CashReport,
    Instruments,
    /// Totals of a transaction history.
    Summary,
    History,
    /// Restates what the others say, or states nothing of a ledger.
    PassedOver,
    Unknown,
}

pub(super) fn section(name: &str) -> Section {
    match name {
        "statement" => Section::Statement,
        "accountinformation"
        | "kontoinformation"
        | "kontoinformationen"
        | "informaciónsobrelacuenta"
        | "informacióndelacuenta"
        | "informationsrelativesaucompte"
        | "informazionisulconto" => Section::Account,
        "trades" | "transaktionen" | "operaciones" | "transactions" | "operazioni" | "trade" => {
            Section::Trades
        }
        "dividends"
        | "dividenden"
        | "dividendos"
        | "dividendes"
        | "dividendi"
        | "paymentinlieuofdividends"
        | "bondinterestreceived"
        | "bondinterestpaid" => Section::Dividends,
        "withholdingtax"
        | "quellensteuer"
        | "retencióndeimpuestos"
        | "retenciónfiscal"
        | "retenciones"
        | "retenueàlasource"
        | "ritenutaallafonte"
        | "871mwithholding" => Section::WithholdingTax,
        "interest" | "brokerinterest" | "zinsen" | "interés" | "intereses" | "intérêts"
        | "interessi" => Section::Interest,
        "fees"
        | "otherfees"
        | "brokerfees"
        | "advisorfees"
        | "clientfees"
        | "gebühren"
        | "sonstigegebühren"
        | "tarifas"
        | "comisiones"
        | "frais"
        | "commissioni"
        | "commissionadjustments"
        | "otherincome"
        | "priceadjustments" => Section::Fees,
        "transactionfees" | "transaktionsgebühren" | "tarifasdetransacción" => {
            Section::TransactionFees
        }
        "salestax" | "salestaxdetails" => Section::SalesTax,
        _ => section_of_positions(name),
    }
}

/// Sections about what came from outside, is held or is described, rather than earned.
fn section_of_positions(name: &str) -> Section {
    match name {
        "depositswithdrawals"
        | "depositsandwithdrawals"
        | "einzahlungenauszahlungen"
        | "einundauszahlungen"
        | "einzahlungenundauszahlungen"
        | "depósitosyretiradas"
        | "depósitosretiradas"
        | "depósitosyretirosdefondos"
        | "dépôtsetretraits"
        | "depositieprelievi"
        | "debitcardactivity"
        | "billpay" => Section::Funding,
        "corporateactions"
        | "kapitalmaßnahmen"
        | "accionescorporativas"
        | "opérationssurtitres"
        | "azionisocietarie" => Section::CorporateActions,
        "transfers" | "überträge" | "transferencias" | "transferts" | "trasferimenti" => {
            Section::Transfers
        }
        "openpositions" | "offenepositionen" | "posicionesabiertas" | "positionsouvertes"
        | "posizioniaperte" => Section::OpenPositions,
        "cashreport"
        | "cashbericht"
        | "informedeefectivo"
        | "rapportdetrésorerie"
        | "rapportoliquidità" => Section::CashReport,
        "financialinstrumentinformation"
        | "informationenzumfinanzinstrument"
        | "informacióndeinstrumentofinanciero"
        | "informationssurlesinstrumentsfinanciers" => Section::Instruments,
        "summary" => Section::Summary,
        "transactionhistory" => Section::History,
        _ if is_passed_over(name) => Section::PassedOver,
        _ => Section::Unknown,
    }
}

fn is_passed_over(name: &str) -> bool {
    matches!(
        name,
        "netassetvalue"
            | "nettoinventarwert"
            | "nettoinventarwertnav"
            | "valordelactivoneto"
            | "changeinnav"
            | "veränderungdesnav"
            | "cambioenvan"
            | "codes"
            | "códigos"
            | "noteslegalnotes"
            | "hinweiserechtlichehinweise"
            | "notasnotaslegales"
            | "forexbalances"
            | "devisenpositionen"
            | "saldosdeforex"
            | "forexpldetails"
            | "basecurrencyexchangerate"
            | "changeindividendaccruals"
            | "opendividendaccruals"
            | "interestaccruals"
            | "commissiondetails"
            | "exercisesassignmentsandexpirations"
            | "optionexercisesassignmentsandexpirations"
            | "optioncashsettlements"
            | "realizedunrealizedperformancesummary"
            | "marktomarketperformancesummary"
            | "marktomarketperformanceüberblick"
            | "monthyeartodateperformancesummary"
            | "positionsandmarktomarketprofitandloss"
            | "übersichtzurrealisiertenundunrealisiertenperformance"
            | "performancebasedonclosingprice"
            | "locationofcustomerassetspositionsandmoney"
            | "ibkrbrokeragesecuritieslending"
            | "stockyieldenhancementprogramsecuritieslent"
            | "stockyieldenhancementprogramsecuritieslentactivity"
            | "stockyieldenhancementprogramsecuritieslentinterestdetails"
            | "ibkrmanagedsecuritieslentactivitystockyieldenhancementprogram"
            | "ibkrmanagedsecuritieslentinterestdetailsstockyieldenhancementprogram"
            | "ibkrmanagedsecuritieslentstockyieldenhancementprogram"
            | "netstockpositionsummary"
            | "depositsonhold"
            | "pendingexercises"
            | "collateralforcustomerborrowing"
            | "tierinterestdetails"
            | "hardtoborrowdetails"
            | "routingcommissions"
            | "incentivecouponaccrualdetails"
    )
}

/// True for a section that no other software writes under a line of kind `Header`.
pub(super) fn is_known(name: &str) -> bool {
    !matches!(
        section(name),
        Section::Unknown | Section::Summary | Section::History
    )
}

pub(super) fn is_history(name: &str) -> bool {
    section(name) == Section::History
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Account,
    Amount,
    CashAmount,
    Category,
    ClosePrice,
    Code,
    Commission,
    CostBasis,
    Currency,
    CurrencySummary,
    Date,
    DateTime,
    Description,
    Direction,
    Discriminator,
    Exchange,
    Expiry,
    FieldName,
    FieldValue,
    MarketValue,
    Multiplier,
    NetAmount,
    Price,
    Proceeds,
    Quantity,
    Realized,
    SecurityId,
    Strike,
    Symbol,
    Total,
    TransferPrice,
    Type,
    Underlying,
}

pub(super) fn column(name: &str) -> Option<Column> {
    Some(match name {
        "account" | "konto" | "cuenta" | "compte" | "conto" => Column::Account,
        "amount" | "betrag" | "importe" | "montant" | "importo" | "grossamount" | "salestax" => {
            Column::Amount
        }
        "cashamount" | "barbetrag" => Column::CashAmount,
        "assetcategory"
        | "assetclass"
        | "vermögenswertkategorie"
        | "categoríadeactivo"
        | "catégoriedactifs"
        | "categoriadiasset" => Column::Category,
        "closeprice" | "schlusskurs" | "preciodecierre" | "coursdeclôture" => Column::ClosePrice,
        "code" | "codes" | "código" | "codice" => Column::Code,
        "commfee" | "commtax" | "commission" | "provgebühr" | "provsteuer" | "tarifacom"
        | "commfrais" | "commissionetassa" => Column::Commission,
        "costbasis" | "kostenbasis" | "basedecoste" | "basedecoûts" => Column::CostBasis,
        "currency" | "währung" | "divisa" | "devise" | "valuta" => Column::Currency,
        "currencysummary" | "währungsübersicht" | "resumendedivisa" => Column::CurrencySummary,
        "date"
        | "datum"
        | "fecha"
        | "data"
        | "settledate"
        | "reportdate"
        | "valutadatum"
        | "abwicklungsdatum"
        | "abrechnungsdatum"
        | "berichtsdatum"
        | "fechadeliquidación"
        | "fechadelinforme"
        | "datederèglement" => Column::Date,
        "datetime" | "datumzeit" | "fechahora" | "dateheure" | "dataora" => Column::DateTime,
        "description" | "beschreibung" | "descripción" | "descrizione" | "taxabledescription" => {
            Column::Description
        }
        "direction" | "richtung" | "dirección" => Column::Direction,
        "datadiscriminator" => Column::Discriminator,
        "listingexch" | "listingexchange" | "notierungsbörse" | "mercdecotización" => {
            Column::Exchange
        }
        "expiry" | "verfall" | "vencimiento" => Column::Expiry,
        "fieldname" | "feldname" | "nombredelcampo" | "nomduchamp" => Column::FieldName,
        "fieldvalue" | "feldwert" | "valordelcampo" | "valeurduchamp" => Column::FieldValue,
        "marketvalue" | "marktwert" | "valordemercado" => Column::MarketValue,
        "mult" | "multiplier" | "multiplikator" | "multiplicador" => Column::Multiplier,
        "netamount" => Column::NetAmount,
        "tprice" | "tkurs" | "tradeprice" | "transaktionskurs" | "preciotrans" | "tprecio"
        | "price" => Column::Price,
        "proceeds" | "erlös" | "erlöse" | "productos" | "produit" | "produits" => {
            Column::Proceeds
        }
        "quantity" | "qty" | "menge" | "cantidad" | "quantité" | "quantità" => Column::Quantity,
        "realizedpl" | "realisiertergv" | "pygrealizadas" | "realizadopg" => Column::Realized,
        "securityid" | "wertpapierid" | "sicherheitsid" | "wertpapierkennung" | "iddeseguridad" => {
            Column::SecurityId
        }
        "strike" | "ejercicio" => Column::Strike,
        "symbol" | "símbolo" | "symbole" | "simbolo" => Column::Symbol,
        "total" | "gesamt" | "totale" => Column::Total,
        "xferprice" | "übertragspreis" => Column::TransferPrice,
        "type" | "typ" | "tipo" | "transactiontype" => Column::Type,
        "underlying" | "basiswert" | "subyacente" => Column::Underlying,
        _ => return None,
    })
}

/// What kind of instrument a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Stock,
    Fund,
    Bond,
    Crypto,
    Option,
    Forex,
    /// Futures, contracts for difference and whatever else is settled by margin.
    Other,
}

pub(super) fn category(name: &str) -> Category {
    match name {
        ""
        | "stocks"
        | "stock"
        | "aktien"
        | "acciones"
        | "actions"
        | "azioni"
        | "warrants"
        | "optionsscheine"
        | "structuredproducts"
        | "strukturierteprodukte" => Category::Stock,
        "mutualfunds" | "funds" | "investmentfonds" | "fonds" | "fondosdeinversión" => {
            Category::Fund
        }
        "bonds" | "anleihen" | "bonos" | "obligations" | "treasurybills" | "corporatebonds" => {
            Category::Bond
        }
        "crypto" | "cryptocurrencies" | "kryptowährungen" | "criptomonedas" => Category::Crypto,
        "equityandindexoptions"
        | "aktienundindexoptionen"
        | "opcionessobreaccioneseíndices"
        | "opcionesdeacciones"
        | "optionssuractionsetindices"
        | "optionsonfutures"
        | "futuresoptions"
        | "options" => Category::Option,
        "forex" | "devisen" | "fórex" | "divisas" => Category::Forex,
        _ => Category::Other,
    }
}

/// English names for the months in a period, whose abbreviations differ in other languages.
pub(super) fn english_month(word: &str) -> &str {
    const MONTHS: [(&str, [&str; 4]); 12] = [
        ("January", ["januar", "enero", "janvier", "gennaio"]),
        ("February", ["februar", "febrero", "février", "febbraio"]),
        ("March", ["märz", "marzo", "mars", "marzo"]),
        ("April", ["april", "abril", "avril", "aprile"]),
        ("May", ["mai", "mayo", "mai", "maggio"]),
        ("June", ["juni", "junio", "juin", "giugno"]),
        ("July", ["juli", "julio", "juillet", "luglio"]),
        ("August", ["august", "agosto", "août", "agosto"]),
        (
            "September",
            ["september", "septiembre", "septembre", "settembre"],
        ),
        ("October", ["oktober", "octubre", "octobre", "ottobre"]),
        (
            "November",
            ["november", "noviembre", "novembre", "novembre"],
        ),
        (
            "December",
            ["dezember", "diciembre", "décembre", "dicembre"],
        ),
    ];
    let bare = word.trim_end_matches([',', '.']).to_lowercase();
    MONTHS
        .iter()
        .find(|(_, names)| names.contains(&&*bare))
        .map_or(word, |(english, _)| english)
}

/// The label of the balance at the end of the period.
pub(super) fn is_ending_cash(label: &str) -> bool {
    matches!(
        label,
        "endingcash" | "endbarsaldo" | "efectivofinal" | "soldefinal" | "liquiditàfinale"
    )
}
