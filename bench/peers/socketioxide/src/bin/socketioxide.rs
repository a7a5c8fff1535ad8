//! With the system's allocator. `socketioxide PORT`.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    peer_socketioxide::serve().await
}
