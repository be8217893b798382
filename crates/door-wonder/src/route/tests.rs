use super::*;
use crate::TRANSFER_PATHS;
use std::collections::BTreeSet;

fn added(paths: &[&str]) -> Result<(), BadPath> {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let routes = unsupported::add_to(add_to(Router::new(), &paths)?);
    drop(routes);
    Ok(())
}

#[test]
fn the_paths_that_are_tried_by_default_are_free() {
    assert_eq!(added(&TRANSFER_PATHS), Ok(()));
    assert_eq!(TRANSFER_PATHS.len(), TRANSFER_PATHS.into_iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn any_other_path_that_is_free_will_do() {
    for path in [
        "/svc/x",
        "/svc/ts/api/v2/transfers",
        "/svc/ts/api/v1/openapi/user/u-1/transfers",
        "/svc/ts/api/v1/openapi/users",
        "/svc/ts/api/v1/openapi/Platform_Transfer.json",
        "/svc/svc/ts/api/v1/openapi/user",
    ] {
        assert_eq!(added(&[path]), Ok(()), "{path}");
    }
    assert_eq!(added(&[]), Ok(()));
}

#[test]
fn paths_that_no_router_takes_or_that_are_no_paths() {
    for path in [
        "",
        "/",
        "svc/x",
        "/svc",
        "/svc/",
        "/svcx",
        "/SVC/x",
        "/ts/api/v1/openapi/platform_transfer",
        "https://gateway.wonder.today/svc/x",
        "/svc/{id}",
        "/svc/{*rest}",
        "/svc/*",
        "/svc/:id",
        "/svc/x?y=1",
        "/svc/x#y",
        "/svc/x y",
        "/svc/x%20y",
        "/svc/é",
        "/svc/x\n",
    ] {
        assert_eq!(added(&[path]), Err(BadPath(path.to_owned())), "{path}");
    }
}

#[test]
fn paths_that_another_route_has() {
    for path in [
        "/svc/ts/api/v1/openapi/user",
        "/svc/ts/api/v1/openapi/user/u-1",
        "/svc/ts/api/v1/openapi/user/",
        "/svc/ts/api/v1/openapi/ledger_accounts",
        "/svc/payment/api/v1/openapi/echo",
        "/svc/payment/api/v1/echo",
        "/svc/ts/api/v1/openapi/cards",
        "/svc/ts/api/v1/openapi/cards/c1/limit/history",
        "/svc/ts/api/v1/openapi/transactions",
        "/svc/payment/api/v1/openapi/orders",
    ] {
        assert_eq!(added(&["/svc/x", path]), Err(BadPath(path.to_owned())), "{path}");
    }
    assert_eq!(added(&["/svc/x", "/svc/y", "/svc/x"]), Err(BadPath("/svc/x".to_owned())));
}

#[test]
fn a_bad_path_is_said_so() {
    let text = added(&["/x"]).unwrap_err().to_string();
    assert_eq!(
        text,
        r#""/x" can't be a path of platform transfers: it must begin with /svc/ and be free"#
    );
}
