//! A running server's family, as the Python files are told of it: whose credentials, which members,
//! and another business on the same server.

use crate::operator::Operator;
use crate::server::Sandbox;
use serde_json::{Value, json};
use std::path::PathBuf;

pub struct Family {
    pub base_url: String,
    pub client_id: String,
    pub api_key: String,
    pub account_id: String,
    pub sub_account_id: String,
    /// Another programme's credentials and accounts.
    pub foreign: Value,
    /// The file of the clock that the server goes by.
    pub clock: Option<PathBuf>,
    /// The operator's listener, and the secret of the family's webhooks.
    pub hooks: Option<Value>,
    /// Another server on the same store.
    pub other_base_url: Option<String>,
    /// The port of what is done to the store.
    pub lever: Option<u16>,
}

const FOREIGN: &str = "/v1/programs/another";

impl Family {
    pub fn of(sandbox: &Sandbox) -> Self {
        let text = |name: &str| sandbox.text(&format!("/uqpay/{name}"));
        Self {
            base_url: text("base_url"),
            client_id: text("client_id"),
            api_key: text("api_key"),
            account_id: text("account_id"),
            sub_account_id: text("sub_account_id"),
            foreign: foreign(&mut Operator::new(sandbox)),
            clock: None,
            hooks: None,
            other_base_url: None,
            lever: None,
        }
    }

    pub fn to_json(&self) -> Value {
        json!({
            "base_url": self.base_url,
            "client_id": self.client_id,
            "api_key": self.api_key,
            "account_id": self.account_id,
            "sub_account_id": self.sub_account_id,
            "foreign": self.foreign,
            "clock": self.clock,
            "hooks": self.hooks,
            "other_base_url": self.other_base_url,
            "lever": self.lever,
        })
    }
}

/// Makes another business with a master and a sub-account that have money.
fn foreign(operator: &mut Operator) -> Value {
    let assets = json!(["SGD", "USD"]);
    let program = json!({ "name": "another", "environment": "sandbox", "assets": assets });
    operator.call("POST", "/v1/programs", None, &program);
    let members = format!("{FOREIGN}/sub-accounts");
    let mut member = |kind: &str| {
        let body = json!({ "kind": kind, "name": format!("Another {kind}"), "assets": assets });
        let made = operator.call("POST", &members, Some(kind), &body);
        let id = made["id"].as_str().expect("an id").to_owned();
        let body = json!({ "asset": "SGD", "amount": "500.00" });
        operator.call("POST", &format!("{members}/{id}/fund"), Some(&id), &body);
        id
    };
    let (master, issuing) = (member("master"), member("issuing"));
    let body = json!({ "door": "uqpay", "label": "another", "allow": "*" });
    let made = operator.call("POST", &format!("{FOREIGN}/credentials"), None, &body);
    json!({
        "client_id": made["api_key"],
        "api_key": made["api_secret"],
        "account_id": master,
        "sub_account_id": issuing,
    })
}
