//! Requests as REST sees them: any body, query and path for every route of every dialect.

use polylogue::dialects::kit::rest::Request;
use serde_json::Value;

use crate::stage::STAGE;

/// Lines: `METHOD /path/{as}/the/route`; the values of its parameters, a blank between two; the
/// query; the Bearer token (`user`: a good one) and an idempotency key; the rest is the body.
///
/// Whatever is sent, the answer is the client's fault or nobody's, and it is JSON.
pub(crate) fn rest(bytes: &[u8]) {
    let mut lines = bytes.splitn(5, |byte| *byte == b'\n');
    let mut line = || str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (route, params, query, headers) = (line(), line(), line(), line());
    let body = lines.next().unwrap_or_default();
    let (bearer, key) = headers.split_once(' ').unwrap_or((headers, ""));
    let token = if bearer == "user" { &STAGE.token } else { bearer };
    let suits = STAGE.routes.iter().filter(|one| {
        let (method, path) = route.split_once(' ').unwrap_or_default();
        one.method == method && one.path == path
    });
    for route in suits {
        let request = Request {
            params: params.split(' ').map(str::to_owned).collect(),
            query: query.to_owned(),
            bearer: (!token.is_empty()).then(|| token.to_owned()),
            idempotency_key: (!key.is_empty()).then(|| key.to_owned()),
            body: body.to_vec().into(),
        };
        let response = STAGE.runtime.block_on((route.run)(request));
        let status = response.status;
        assert!((200..500).contains(&status), "{} {}: {status}", route.method, route.path);
        if !response.body.is_empty() {
            let json: Result<Value, _> = serde_json::from_slice(&response.body);
            assert!(json.is_ok() || holds_surrogate(&response.body), "{:?}", response.body);
        }
    }
}

/// Whether a text is told that was cut in the middle of a character, as its author sent it: JSON,
/// though not every reader's.
fn holds_surrogate(body: &[u8]) -> bool {
    let body = str::from_utf8(body).unwrap_or_default();
    let mended = polylogue_protocol::json::mend_surrogates(body);
    mended != body && serde_json::from_str::<Value>(&mended).is_ok()
}
