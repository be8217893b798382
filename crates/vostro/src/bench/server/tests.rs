//! How a server's process is ended. That it serves and stops in order is seen in the benchmark's
//! own tests.

use super::*;
use rustix::process::{WaitId, WaitIdOptions, waitid};

fn started(script: &str) -> Server {
    let mut command = Command::new("sh");
    let child = command.args(["-c", script]).stdin(Stdio::piped()).spawn().expect("a shell");
    Server {
        pid: child.id(),
        child: Some(child),
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        base: String::new(),
        announced: Announcement::default(),
    }
}

/// What is sent to it then still reaches somebody: it has its id until it was waited for.
#[tokio::test]
async fn one_that_has_ended_by_itself_is_told_with_its_status() {
    let server = started("exit 3");
    let id = WaitId::Pid(Pid::from_child(server.child.as_ref().expect("it was started")));
    waitid(id, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("a child that ends");
    let stopped = server.stop().await.expect_err("it was not stopped");
    assert_eq!(stopped.to_string(), "the server stopped with exit status: 3");
}
