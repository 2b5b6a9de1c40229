//! The law of trails: every figure of money or percent that a page shows in a tile or in a cell of a table
//! leads to its trail, which is there as a page and in the API, and states the very figure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use testkit::Browser;

use crate::server::{Person, Server, decimal};

/// Figures without a trail: the start of a page's path, the table's caption or the label of the cell or
/// tile (nothing: all of the page), and why.
const EXEMPT: [(&str, &str, &str); 14] = [
    (
        "/portfolio/transactions",
        "",
        "rows are transactions, which are what trails end at",
    ),
    (
        "/portfolio/imports",
        "",
        "rows of a file before and after they became transactions",
    ),
    (
        "/portfolio/income",
        "Payments, newest first",
        "rows are transactions, each with its link",
    ),
    (
        "/portfolio/cash/",
        "Amount",
        "what one transaction moved, with its link",
    ),
    (
        "/portfolio/holdings/",
        "Open lots, oldest first",
        "rows are purchases, each with its link",
    ),
    (
        "/portfolio/holdings/",
        "Transactions, newest first",
        "rows are transactions",
    ),
    (
        "/portfolio/corporate-actions",
        "",
        "a preview of an action: before beside after, with the lots",
    ),
    (
        "/portfolio/changes",
        "",
        "the page is itself the trail of a difference",
    ),
    (
        "/portfolio/private-assets",
        "",
        "values that the person stated",
    ),
    (
        "/portfolio/fund-weights",
        "",
        "percentages that the person stated",
    ),
    (
        "/portfolio/categories",
        "Target",
        "a target that the person stated",
    ),
    (
        "/portfolio/categories",
        "Weight",
        "a weight that the person stated or a rule gives",
    ),
    (
        "/portfolio/categories",
        "Confidence",
        "how sure a suggestion is, with its reason beside it",
    ),
    ("/portfolio/trail", "", "the trail itself"),
];

#[derive(Debug)]
struct Found {
    /// The address of its trail.
    href: Option<String>,
    /// As it is shown.
    text: String,
    caption: String,
    label: String,
}

#[tokio::test]
async fn every_figure_of_every_page_leads_to_its_trail_and_is_its_result() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    portfolio::demo::load_tour(&server.app, ann.id)
        .await
        .expect("the tour");
    let mut waiting = VecDeque::from([
        "/".to_owned(),
        "/portfolio/gains?year=all".to_owned(),
        "/portfolio/gains?method=lifo".to_owned(),
        "/portfolio/performance?period=all&benchmark=LMFG&risk_free=2".to_owned(),
        "/portfolio/performance/contribution?period=1y&by=portfolio".to_owned(),
    ]);
    let mut kinds = BTreeSet::new();
    let mut missing = Vec::new();
    let mut links: BTreeMap<String, (String, String)> = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        // One page of each kind: of one holding, of one ledger.
        if !kinds.insert(kind(&path)) {
            continue;
        }
        let answer = browser.get(&path).await;
        assert!(answer.status.as_u16() < 400, "{path}: {}", answer.status);
        let page = Page::read(&answer.body);
        for figure in page.figures {
            match figure.href {
                Some(href) => _ = links.entry(named(&href)).or_insert((href, figure.text)),
                None if is_exempt(&path, &figure) => {}
                None => missing.push(format!("{path}: {figure:?}")),
            }
        }
        waiting.extend(page.links.into_iter().filter(|link| is_page(link)));
    }
    missing.dedup();
    assert!(
        missing.is_empty(),
        "without a trail:\n{}",
        missing.join("\n")
    );
    assert!(kinds.len() > 30, "{kinds:?}");
    let mut wrong = Vec::new();
    // One figure of those that differ only in what they are about: a holding, a month, a line.
    for (href, text) in links.values() {
        wrong.extend(follow(&mut browser, &mut ann, href, text).await);
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        links.len(),
        wrong.join("\n")
    );
    let followed = links.values().map(|(href, _)| href);
    let figures: BTreeSet<String> = followed.filter_map(|href| figure_of(href)).collect();
    assert!(figures.len() > 90, "{figures:?}");
}

/// What is wrong with the trail of a figure.
async fn follow(
    browser: &mut Browser,
    ann: &mut Person,
    href: &str,
    shown: &str,
) -> Option<String> {
    let answer = browser.get(href).await;
    if answer.status != 200 {
        return Some(format!("{href}: {} for {shown}", answer.status));
    }
    let page = Page::read(&answer.body);
    let (result, value) = page.result.unwrap_or_default();
    if result != shown {
        return Some(format!("{href}: {result:?} is not {shown:?}"));
    }
    let api = href.replacen("/portfolio/trail", "/api/v1/portfolio/trail", 1);
    let answer = ann.api.get(&api).await;
    if answer.status != 200 {
        return Some(format!("{api}: {}", answer.status));
    }
    let trail = answer.json();
    let told = &trail["result"];
    let same = match told["unit"].as_str() {
        Some("money") => value.parse() == Ok(decimal(&told["amount"]).normalize()),
        // A parser of JSON may be off by the last bit.
        Some("ratio" | "number") => value
            .parse::<f64>()
            .ok()
            .zip(told["value"].as_f64())
            .is_some_and(|(page, api)| (page - api).abs() <= 4.0 * f64::EPSILON * api.abs()),
        _ => told["reason"]
            .as_str()
            .is_some_and(|why| shown.contains(why)),
    };
    let is_told = trail["formula"]
        .as_str()
        .is_some_and(|formula| !formula.is_empty());
    (!same || !is_told).then(|| format!("{api}: {told} is not {value}"))
}

fn is_exempt(path: &str, figure: &Found) -> bool {
    EXEMPT.iter().any(|(page, what, _)| {
        path.starts_with(page)
            && (what.is_empty() || figure.caption == *what || figure.label == *what)
    })
}

/// What is the same of pages that differ only in what they are about.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path: Vec<&str> = path
        .split('/')
        .map(|part| if is_id(part) { "{id}" } else { part })
        .collect();
    let words = ["by", "dimension", "method", "cost_basis"];
    let mut groups: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, _)| words.contains(&name))
        })
        .collect();
    groups.sort_unstable();
    format!("{}?{}", path.join("/"), groups.join("&"))
}

fn is_id(part: &str) -> bool {
    part.len() == 36 || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The figure of a trail and what is said of it.
fn named(href: &str) -> String {
    let figure = figure_of(href).unwrap_or_default();
    let kind = kind(href);
    format!("{figure} {kind}")
}

fn figure_of(href: &str) -> Option<String> {
    let (_, rest) = href.split_once("figure=")?;
    Some(rest.split('&').next().unwrap_or(rest).to_owned())
}

/// Pages of the area: no files, no forms of one transaction among thousands.
fn is_page(link: &str) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or(link);
    (path == "/" || path.starts_with("/portfolio/"))
        && path.rsplit_once(".csv").is_none()
        && path != "/portfolio/trail"
}

/// What a page shows and where it leads.
#[derive(Default)]
struct Page {
    figures: Vec<Found>,
    links: Vec<String>,
    /// Of a trail: as it is shown, and its exact value.
    result: Option<(String, String)>,
    last_value: Option<String>,
}

struct Element {
    tag: String,
    attributes: String,
    text: String,
}

impl Element {
    fn is(&self, tag: &str, class: &str) -> bool {
        let classes = attribute(&self.attributes, "class").unwrap_or_default();
        self.tag == tag && classes.split(' ').any(|one| one == class)
    }
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let (_, rest) = attributes.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

impl Page {
    /// Markup is written by templates, so every element is closed.
    fn read(html: &str) -> Self {
        const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];
        let mut page = Self::default();
        let mut open: Vec<Element> = Vec::new();
        let mut captions: Vec<String> = Vec::new();
        let mut term = String::new();
        for piece in html.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            if let Some(closed) = tag.strip_prefix('/') {
                while let Some(element) = open.pop() {
                    let is_it = element.tag == closed;
                    match element.tag.as_str() {
                        "table" => _ = captions.pop(),
                        "caption" => {
                            if let Some(caption) = captions.last_mut() {
                                element.text.trim().clone_into(caption);
                            }
                        }
                        "dt" => element.text.trim().clone_into(&mut term),
                        _ => {}
                    }
                    page.close(&element, &open, captions.last(), &term);
                    if let Some(parent) = open.last_mut() {
                        parent.text.push_str(&element.text);
                    }
                    if is_it {
                        break;
                    }
                }
            } else if !tag.starts_with('!') {
                let name = tag.split([' ', '/']).next().unwrap_or(tag).to_owned();
                if name == "table" {
                    captions.push(String::new());
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(Element {
                        attributes: tag[name.len()..].to_owned(),
                        tag: name,
                        text: String::new(),
                    });
                }
            }
            if let Some(element) = open.last_mut() {
                element.text.push_str(text);
            }
        }
        page
    }

    fn close(&mut self, element: &Element, open: &[Element], caption: Option<&String>, term: &str) {
        let within = |tag: &str, class: &str| open.iter().rev().find(|one| one.is(tag, class));
        if let Some(href) = attribute(&element.attributes, "href").filter(|_| element.tag == "a") {
            self.links.push(href.clone());
            if element.is("a", "figure") {
                self.figures.push(Found {
                    href: Some(href),
                    text: element.text.clone(),
                    caption: String::new(),
                    label: String::new(),
                });
            }
        }
        if element.is("dd", "stat-value") && term == "Result" && self.result.is_none() {
            let value = self.last_value.take().unwrap_or_default();
            self.result = Some((element.text.clone(), value));
        }
        if element.tag == "data" {
            self.last_value = attribute(&element.attributes, "value");
        }
        let is_figure = element.is("data", "percent")
            || (element.is("data", "amount") && !element.is("data", "quantity"));
        let cell = within("td", "num")
            .or_else(|| within("dd", "stat-value"))
            .or_else(|| within("dd", "stat-sub"));
        // What a chart shows stands in a table beside it, or behind the label of its legend.
        let is_drawn = within("figure", "chart").is_some();
        if let Some(cell) =
            cell.filter(|_| is_figure && !is_drawn && within("a", "figure").is_none())
        {
            self.figures.push(Found {
                href: None,
                text: element.text.clone(),
                caption: caption.cloned().unwrap_or_default(),
                label: attribute(&cell.attributes, "data-label").unwrap_or_else(|| term.to_owned()),
            });
        }
    }
}
