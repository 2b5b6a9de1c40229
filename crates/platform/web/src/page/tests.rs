use http::StatusCode;

use super::*;

static NAV: [NavItem; 4] = [
    NavItem {
        href: "/",
        label: "Dashboard",
        icon: "dashboard",
    },
    NavItem {
        href: "/portfolio/holdings",
        label: "Holdings",
        icon: "holdings",
    },
    NavItem {
        href: "/portfolio/transactions",
        label: "Transactions",
        icon: "transactions",
    },
    NavItem {
        href: "/deals",
        label: "Deals",
        icon: "tag",
    },
];

fn chrome(path: &str) -> Chrome {
    Chrome {
        csrf: "token".to_owned(),
        path: path.to_owned(),
        visitor: Some(Visitor {
            name: "<b>Ann</b>".to_owned(),
        }),
        nav: &NAV,
        ..Chrome::default()
    }
}

#[test]
fn the_current_entry_is_the_nearest_above_the_path() {
    assert_eq!(current_entry(&chrome("/")), Some("/"));
    assert_eq!(
        current_entry(&chrome("/portfolio/holdings/1")),
        Some("/portfolio/holdings")
    );
    assert_eq!(current_entry(&chrome("/portfolio/holdingsx")), None);
    assert_eq!(current_entry(&chrome("/identity/settings")), None);
}

#[test]
fn no_two_entries_share_a_key() {
    assert_eq!(
        shortcut_keys(&NAV),
        [Some('d'), Some('h'), Some('t'), Some('e')]
    );
}

#[test]
fn a_page_holds_no_inline_script_or_style_element() {
    let page = page(&chrome("/"), "Start", html! { h1 { "Start" } }).into_string();
    assert!(!page.contains("<style"), "{page}");
    for script in page.split("<script").skip(1) {
        assert!(
            script.contains(" src=\"/assets/") && script.contains("\"></script>"),
            "{script}"
        );
    }
    assert!(!page.contains(" onclick") && !page.contains("javascript:"));
    assert!(
        !page.contains("echarts-"),
        "the large script is for pages with time charts"
    );
}

#[test]
fn names_and_titles_are_escaped() {
    let page = page(&chrome("/"), "<script>", html! {}).into_string();
    assert!(
        page.contains("<title>&lt;script&gt; · Bursar</title>"),
        "{page}"
    );
    assert!(page.contains("&lt;b&gt;Ann&lt;/b&gt;") && !page.contains("<b>Ann"));
}

#[test]
fn every_form_that_posts_carries_the_token() {
    let page = page(&chrome("/"), "Start", html! {}).into_string();
    let forms: Vec<&str> = page
        .split("<form")
        .skip(1)
        .filter(|f| f.contains("\"post\""))
        .collect();
    assert_eq!(forms.len(), 3);
    for form in forms {
        let form = form.split("</form>").next().unwrap();
        assert!(form.contains("name=\"_csrf\" value=\"token\""), "{form}");
    }
}

#[test]
fn the_demo_says_that_its_data_are_simulated() {
    let banner = "Simulated data.";
    assert!(
        !page(&chrome("/"), "Start", html! {})
            .into_string()
            .contains(banner)
    );
    let demo = Chrome {
        demo: true,
        ..chrome("/")
    };
    assert!(
        page(&demo, "Start", html! {})
            .into_string()
            .contains(banner)
    );
}

#[test]
fn an_error_page_names_the_request_and_shows_the_menu_only_to_the_signed_in() {
    let problem = Problem::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "Not found",
        "No <such> thing.",
    );
    let inside = error_page(&chrome("/x"), &problem, Some("req-1")).into_string();
    assert!(
        inside.contains("req-1") && inside.contains("No &lt;such&gt; thing."),
        "{inside}"
    );
    assert!(inside.contains("Sign out"));
    let outside = error_page(&Chrome::default(), &problem, None).into_string();
    assert!(!outside.contains("Sign out") && outside.contains(">404<"));
}

#[test]
fn theme_privacy_and_locale_are_on_the_root() {
    let chrome = Chrome {
        theme: Theme::Dark,
        private: true,
        ..chrome("/")
    };
    let page = page(&chrome, "Start", html! {}).into_string();
    let root = page.split("<head>").next().unwrap();
    assert!(root.contains("class=\"private\""), "{root}");
    assert!(root.contains("data-theme=\"dark\"") && root.contains("data-locale=\"en-US\""));
}
