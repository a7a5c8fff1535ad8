//! What goes with the pages: the stylesheet, the scripts, the mark.

use super::{CSS, SCRIPT, SVG};

/// Path, content type, text.
pub(super) const ALL: &[(&str, &str, &str)] = &[
    ("/favicon.svg", SVG, include_str!("assets/favicon.svg")),
    ("/web/style.css", CSS, include_str!("assets/style.css")),
    ("/web/kit.js", SCRIPT, include_str!("assets/kit.js")),
    ("/web/front.js", SCRIPT, include_str!("assets/front.js")),
    ("/web/demo.js", SCRIPT, include_str!("assets/demo.js")),
    ("/web/side.js", SCRIPT, include_str!("assets/side.js")),
    ("/web/packets.js", SCRIPT, include_str!("assets/packets.js")),
    ("/web/docs.js", SCRIPT, include_str!("assets/docs.js")),
];
