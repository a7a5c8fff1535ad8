//! stub
pub async fn verify(_: Option<String>, _: String) -> bool { false }
