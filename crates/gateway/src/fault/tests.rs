use super::*;
use axum::body::Body;
use axum::routing::post;
use http::Method;
use http::header::ALLOW;
use tower::ServiceExt;

/// Shows the fault's name and the caller's language, as a door would show its code.
struct Named;

impl Faults for Named {
    fn render(&self, fault: Fault, request: Option<&HeaderMap>) -> Response {
        let language = request.and_then(|headers| headers.get("language")?.to_str().ok());
        let text = format!("{fault:?} {}", language.unwrap_or("-"));
        let mut answer = Response::new(Body::from(text));
        *answer.status_mut() = fault.status();
        answer
    }
}

async fn ask(router: Router, method: Method, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("language", "zh")
        .body(Body::empty())
        .unwrap();
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = crate::body::read(body, crate::body::Limits::default()).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn router() -> Router {
    let door = Router::new().route("/transfer", post(async || "done"));
    Router::new().nest("/door/v1", with_fallbacks(door, Arc::new(Named)))
}

#[tokio::test]
async fn unknown_paths_and_methods_in_the_doors_shape() {
    let (status, _, body) = ask(router(), Method::POST, "/door/v1/transfer").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "done"));
    let (status, _, body) = ask(router(), Method::POST, "/door/v1/nothing").await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_FOUND, "NotFound zh"));
    let (status, headers, body) = ask(router(), Method::GET, "/door/v1/transfer").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(body, "MethodNotAllowed zh");
    assert_eq!(headers.get(ALLOW).unwrap(), "POST");
}

#[test]
fn busy_says_when_to_come_back() {
    let answer = Fault::Busy { retry_after_s: 3 }.answer(&Plain, None);
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), "3");
    assert!(Fault::Unavailable.answer(&Plain, None).headers().get(RETRY_AFTER).is_none());
}
