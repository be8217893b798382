use super::*;
use axum::body::Body as AxumBody;
use axum::routing::get;
use http::HeaderMap;
use std::time::Duration;

const PEER: &str = "192.0.2.7:4000";

struct Teapot;

impl Faults for Teapot {
    fn render(&self, fault: Fault, request: Option<&HeaderMap>) -> Response {
        assert_eq!((fault, request), (Fault::Internal, None));
        let mut answer = Response::default();
        *answer.status_mut() = StatusCode::IM_A_TEAPOT;
        answer
    }
}

async fn panics_later() {
    tokio::task::yield_now().await;
    panic!("a secret");
}

fn edge() -> Edge {
    let router = Router::new()
        .route(
            "/door/arrival",
            get(async |arrival: Arrival| format!("{} {}", arrival.peer, arrival.id)),
        )
        .route(
            "/door/panic",
            get(async || {
                if true {
                    panic!("at once")
                }
            }),
        )
        .route("/door/later", get(panics_later))
        .route(
            "/doorway/panic",
            get(async || {
                if true {
                    panic!("elsewhere")
                }
            }),
        );
    let clock: Monotonic = Arc::new(|| Duration::ZERO);
    Edge::new(router, RequestIds::new(1), clock).door("/door", Arc::new(Teapot))
}

async fn ask(edge: &Edge, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(AxumBody::empty()).unwrap();
    let (parts, body) = edge.answer(PEER.parse().unwrap(), request).await.into_parts();
    let id = parts.headers.get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let body = crate::body::read(body, crate::body::Limits::default()).await.unwrap();
    (parts.status, id, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn handlers_know_peer_and_id() {
    let edge = edge();
    let (status, id, body) = ask(&edge, "/door/arrival").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, format!("{PEER} {id}"));
    assert_ne!(ask(&edge, "/door/arrival").await.1, id);
}

#[tokio::test]
async fn a_panic_is_an_answer_in_the_doors_shape() {
    let edge = edge();
    for (path, expected) in [
        ("/door/panic", StatusCode::IM_A_TEAPOT),
        ("/door/later", StatusCode::IM_A_TEAPOT),
        ("/doorway/panic", StatusCode::INTERNAL_SERVER_ERROR),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        let (status, id, body) = ask(&edge, path).await;
        assert_eq!(status, expected, "{path}");
        assert_eq!((id.len(), body.as_str()), (16, ""));
    }
    assert_eq!(ask(&edge, "/door/arrival").await.0, StatusCode::OK);
}

#[tokio::test]
async fn without_its_edge_a_router_has_no_arrival() {
    let mut router = edge().router;
    let request = Request::get("/door/arrival").body(AxumBody::empty()).unwrap();
    let Ok(answer) = router.call(request).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
