use jiff::civil::date as day;
use maud::html;
use money::Currency;
use rust_decimal::Decimal;

use super::*;
use crate::{Chrome, FieldError};

const HOSTILE: &str = "\"><script>alert('x')</script>&'";

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The text as it must appear: no markup of its own survives.
fn assert_escaped(name: &str, page: &str) {
    assert!(!page.contains("<script>alert"), "{name}: {page}");
    assert!(page.contains("&lt;script&gt;alert"), "{name}: {page}");
}

#[test]
fn components_escape_hostile_text() {
    let chrome = Chrome {
        csrf: HOSTILE.to_owned(),
        ..Chrome::default()
    };
    let field = Field {
        label: HOSTILE,
        name: "f",
        value: HOSTILE,
        error: Some(HOSTILE),
        hint: Some(HOSTILE),
        placeholder: Some(HOSTILE),
        ..Field::default()
    };
    let error = FieldError {
        pointer: "f".to_owned(),
        code: "x".to_owned(),
        detail: HOSTILE.to_owned(),
    };
    let check = Check {
        name: HOSTILE.to_owned(),
        state: CheckState::Ok,
        text: HOSTILE.to_owned(),
    };
    let table = DataTable {
        id: HOSTILE,
        caption: HOSTILE,
        columns: &[Column::text(HOSTILE, HOSTILE)],
        csv_href: Some(HOSTILE),
    };
    for (name, markup) in [
        ("csrf_field", csrf_field(&chrome)),
        ("text_field", text_field(&field)),
        ("text_area", text_area(&field, 2)),
        ("select_field", select_field(&field, &[(HOSTILE, HOSTILE)])),
        ("checkbox", checkbox(HOSTILE, "c", true, Some(HOSTILE))),
        ("file_field", file_field(&field, HOSTILE)),
        ("form_errors", form_errors(&[error])),
        ("submit", submit(HOSTILE)),
        ("page_head", page_head(HOSTILE, html! {})),
        ("card", card(HOSTILE, html! {})),
        ("stat", stat(HOSTILE, html! {}, html! {})),
        ("definition", definition(HOSTILE, HOSTILE)),
        ("missing", missing(HOSTILE)),
        ("badge", badge(HOSTILE)),
        (
            "empty_state",
            empty_state(
                HOSTILE,
                HOSTILE,
                (HOSTILE, HOSTILE),
                Some((HOSTILE, HOSTILE)),
            ),
        ),
        ("notice", notice(NoticeKind::Info, html! { (HOSTILE) })),
        ("check_strip", check_strip(&[check])),
        ("tabs", tabs(&[(HOSTILE, HOSTILE)], HOSTILE)),
        ("breadcrumb", breadcrumb(&[(HOSTILE, HOSTILE)], HOSTILE)),
        ("stepper", stepper(&[HOSTILE], 0)),
        ("pagination", pagination(Some(HOSTILE))),
        ("link_button", link_button(HOSTILE, HOSTILE, true)),
        ("data_table", data_table(&table, html! {}, None)),
        ("td", td(HOSTILE, html! {})),
    ] {
        assert_escaped(name, &markup.into_string());
    }
}

#[test]
fn charts_escape_hostile_text_and_have_their_table() {
    let chrome = Chrome::default();
    let dates = vec![day(2026, 3, 5), day(2026, 3, 6)];
    let value = ValueSeries {
        dates: dates.clone(),
        value: vec![1.0, 2.0],
        net_invested: vec![1.0, 1.0],
        benchmark: Some((HOSTILE.to_owned(), vec![1.0, 3.0])),
        currency: Currency::EUR,
        table_href: None,
    };
    let price = PriceSeries {
        dates: dates.clone(),
        close: vec![1.0, f64::NAN],
        currency: Currency::EUR,
        marks: vec![Mark {
            date: dates[0],
            kind: MarkKind::Buy,
            label: HOSTILE.to_owned(),
        }],
        table_href: None,
    };
    let slices = [Slice::linked(HOSTILE, 2.0, HOSTILE)];
    let nodes = [TreeNode {
        label: HOSTILE.to_owned(),
        group: HOSTILE.to_owned(),
        value: 2.0,
        change: None,
        href: HOSTILE.to_owned(),
    }];
    for (name, markup) in [
        ("value", value_chart(&chrome, HOSTILE, &value)),
        ("price", price_chart(&chrome, HOSTILE, &price)),
        (
            "donut",
            donut(&chrome, HOSTILE, HOSTILE, Currency::EUR, &slices),
        ),
        (
            "treemap",
            treemap(&chrome, HOSTILE, HOSTILE, Currency::EUR, &nodes),
        ),
    ] {
        let page = markup.into_string();
        assert_escaped(name, &page);
        let body = page
            .split("<tbody>")
            .nth(1)
            .unwrap_or_else(|| panic!("{name} has no table"));
        assert!(body.contains("<tr"), "{name}: the table has rows");
    }
}

#[test]
fn a_long_chart_is_told_in_sixty_rows_and_says_where_the_rest_is() {
    let count = 2_191;
    let dates: Vec<_> = day(2020, 11, 22)
        .series(jiff::Span::new().days(1))
        .take(count)
        .collect();
    let series = ValueSeries {
        dates,
        value: vec![10.0; count],
        net_invested: vec![9.0; count],
        benchmark: None,
        currency: Currency::EUR,
        table_href: Some("/all".to_owned()),
    };
    let page = value_chart(&Chrome::default(), "v", &series).into_string();
    assert_eq!(page.matches("<th scope=\"row\">").count(), 60);
    assert!(page.contains("60 of 2191 days, evenly spaced. <a href=\"/all\">All days</a>"));
}

#[test]
fn what_is_empty_says_so_instead_of_drawing() {
    let series = ValueSeries {
        dates: Vec::new(),
        value: Vec::new(),
        net_invested: Vec::new(),
        benchmark: None,
        currency: Currency::EUR,
        table_href: None,
    };
    let page = value_chart(&Chrome::default(), "v", &series).into_string();
    assert!(
        page.contains("chart-empty") && !page.contains("data-chart"),
        "{page}"
    );
}

#[test]
fn a_gap_in_a_chart_is_a_gap_for_the_script_and_a_word_in_the_table() {
    let series = PriceSeries {
        dates: vec![day(2026, 3, 5), day(2026, 3, 6)],
        close: vec![12.5, f64::NAN],
        currency: Currency::USD,
        marks: Vec::new(),
        table_href: None,
    };
    let page = price_chart(&Chrome::default(), "p", &series).into_string();
    assert!(page.contains("[12.5,null]"), "{page}");
    assert!(page.contains("no price on this day"), "{page}");
}

#[test]
fn a_change_is_told_by_sign_arrow_colour_and_word() {
    let chrome = Chrome::default();
    let text = |value: &str| signed_amount(&chrome, dec(value), Currency::USD).into_string();
    let gain = text("12.5");
    assert!(
        gain.contains("amount signed gain") && gain.contains("▲"),
        "{gain}"
    );
    assert!(
        gain.contains("+$12.50") && gain.contains("gain </span>"),
        "{gain}"
    );
    let loss = text("-12.5");
    assert!(
        loss.contains("amount signed loss") && loss.contains("▼"),
        "{loss}"
    );
    assert!(
        loss.contains("\u{2212}$12.50") && loss.contains("loss </span>"),
        "{loss}"
    );
    let flat = text("-0.004");
    assert!(
        flat.contains("amount signed flat") && flat.contains(">$0.00<"),
        "{flat}"
    );
    assert!(
        signed_percent(&chrome, 0.000_01)
            .into_string()
            .contains("signed flat")
    );
    assert!(
        signed_percent(&chrome, f64::NAN)
            .into_string()
            .contains("missing")
    );
}

#[test]
fn amounts_carry_their_exact_value_and_are_written_in_the_locale() {
    let chrome = Chrome {
        formats: crate::format::Formats::of(crate::format::Locale::DeDe),
        ..Chrome::default()
    };
    let text = amount(&chrome, dec("1234.50000000"), Currency::EUR).into_string();
    assert!(text.contains("value=\"1234.5\""), "{text}");
    assert!(
        text.contains("<span class=\"figure\">1.234,50\u{a0}€</span>"),
        "{text}"
    );
}

#[test]
fn a_field_is_tied_to_its_label_hint_and_error() {
    let page = text_field(&Field {
        label: "Quantity",
        name: "lot[quantity]",
        kind: FieldKind::Decimal,
        error: Some("Too small."),
        hint: Some("In shares."),
        required: true,
        ..Field::default()
    })
    .into_string();
    assert!(
        page.contains("for=\"field-lot-quantity-\"") && page.contains("id=\"field-lot-quantity-\"")
    );
    assert!(
        page.contains("aria-describedby=\"field-lot-quantity--error field-lot-quantity--hint\"")
    );
    assert!(page.contains("aria-invalid=\"true\"") && page.contains("inputmode=\"decimal\""));
    assert!(!page.contains("optional"));
}

#[test]
fn errors_find_their_field_by_name_or_pointer() {
    let errors = [FieldError {
        pointer: "/quantity".to_owned(),
        code: "too_small".to_owned(),
        detail: "Too small.".to_owned(),
    }];
    assert_eq!(error_of(&errors, "quantity"), Some("Too small."));
    assert_eq!(error_of(&errors, "price"), None);
    assert!(
        form_errors(&errors)
            .into_string()
            .contains("href=\"#field-quantity\"")
    );
    assert_eq!(form_errors(&[]).into_string(), "");
}
