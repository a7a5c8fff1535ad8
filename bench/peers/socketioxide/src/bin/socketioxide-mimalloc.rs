//! With mimalloc. `socketioxide-mimalloc PORT`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    peer_socketioxide::serve().await
}
