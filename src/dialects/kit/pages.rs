//! What a dialect shows in a browser: its API documents, its half of the demonstration, pages.

/// What a dialect shows. Texts in it may hold `{origin}`, which stands for the server's own.
pub struct Pages {
    /// Connects a stock client: a few lines of JavaScript.
    pub connect: &'static str,
    /// Speaks the dialect on the demonstration page: a JavaScript module (`web/assets/demo.js`
    /// says what it exports).
    pub demo: &'static str,
    /// The REST routes, in OpenAPI 3.1.
    pub openapi: &'static str,
    /// The events, in AsyncAPI 3.
    pub asyncapi: &'static str,
    /// Pages of its own.
    pub own: &'static [Page],
}

/// A page of a dialect's own.
pub struct Page {
    /// Where it is served, `.html` at the end.
    pub path: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What stands in its `<main>`.
    pub main: &'static str,
    /// Its script, a JavaScript module, served beside it with `.js` at the end.
    pub script: &'static str,
}

impl Pages {
    /// Nothing to show.
    pub const NONE: Pages =
        Pages { connect: "", demo: "", openapi: "{}", asyncapi: "{}", own: &[] };
}

/// The pages of a dialect that keeps them where all do, beside its `mod.rs`; and pages of its own.
macro_rules! pages {
    () => {
        pages!(own: &[])
    };
    (own: $own:expr) => {
        $crate::dialects::kit::pages::Pages {
            connect: include_str!("web/connect.js"),
            demo: include_str!("web/demo.js"),
            openapi: include_str!("openapi.json"),
            asyncapi: include_str!("asyncapi.json"),
            own: $own,
        }
    };
}
pub(in crate::dialects) use pages;
