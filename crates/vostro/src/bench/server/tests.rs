//! How a server's process is ended. That it serves and stops in order is seen in the benchmark's
//! own tests.

use super::*;
use rustix::process::{WaitId, WaitIdOptions, waitid};

/// What is sent to it then still reaches somebody: it has its id until it was waited for.
#[tokio::test]
async fn one_that_has_ended_by_itself_is_told_with_its_status() {
    let child = Command::new("sh").args(["-c", "exit 3"]).spawn().expect("a shell");
    let id = WaitId::Pid(Pid::from_child(&child));
    let server = Server::of(child);
    waitid(id, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("a child that ends");
    let stopped = server.stop().await.expect_err("it was not stopped");
    assert_eq!(stopped.to_string(), "the server stopped with exit status: 3");
}
