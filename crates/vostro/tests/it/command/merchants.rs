//! What an operator changes is met by the merchants' next call, replays included.

use super::site;
use crate::merchant::{Merchant, code};
use crate::process::{assert_ended, run};
use crate::serve::Site;
use crate::server::Service;
use serde_json::Value;

const ADDRESS_NOT_ALLOWED: i64 = 1003;
const BAD_TOKEN: i64 = 1007;
const KEY_DISABLED: i64 = 1010;
const KEY_EXPIRED: i64 = 1011;
const MODE_NOT_SUPPORTED: i64 = 1012;
const MERCHANT_ABNORMAL: i64 = 1022;
const NOT_VERIFIED: i64 = 2005;
const INSUFFICIENT: i64 = 3002;
const DUPLICATE: i64 = 3003;

/// A server, a programme with money, and a merchant that has moved some of it.
struct Shop {
    site: Site,
    service: Service,
    merchant: Merchant,
    credential: String,
    /// The answer to the first transfer.
    first: Value,
}

impl Shop {
    fn new() -> Self {
        let site = site();
        let service = Service::start(&site.config, &site.data);
        let api_key = site.acme();
        let mut merchant = Merchant::with_key(&service.public(), &api_key);
        merchant.log_in();
        let first = merchant.transfer("U1", "FIRST", "In", "10.00").unwrap();
        assert_eq!(code(&first), 0, "{first}");
        let listed = site.operate(&["credential", "list", "--program", "acme"]);
        let credential = listed["data"][0]["id"].as_str().expect("an id").to_owned();
        Self { site, service, merchant, credential, first }
    }

    /// A command on the programme.
    fn program(&self, command: &str, options: &[&str]) {
        self.site.operate(&[&["program", command, "--program", "acme"], options].concat());
    }

    /// A command on the merchant's credential.
    fn credential(&self, command: &str, options: &[&str]) {
        self.site.operate(&self.of_credential(command, options));
    }

    fn of_credential<'a>(&'a self, command: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        let one = ["credential", command, "--program", "acme", "--credential", &self.credential];
        [&one[..], options].concat()
    }

    /// The code of all calls with the token: a replay, a new transfer, info and list.
    fn code(&mut self) -> i64 {
        let merchant = &mut self.merchant;
        let answers = [
            merchant.transfer("U1", "FIRST", "In", "10.00").unwrap(),
            merchant.transfer("U1", "MORE", "In", "1.00").unwrap(),
            merchant.info("U1").unwrap(),
            merchant.call("POST", "/account/transfer/list", LIST).unwrap(),
        ];
        let codes = answers.each_ref().map(code);
        assert_eq!(codes, [codes[0]; 4], "{answers:?}");
        codes[0]
    }

    /// The code of Get Token.
    fn token_code(&mut self) -> i64 {
        code(&self.merchant.call("GET", "/merchant/token", "").unwrap())
    }

    fn stop(self) {
        let (status, log) = self.service.stop();
        assert!(status.success(), "{log}");
    }
}

const LIST: &str = r#"{"start_time":"2026-01-01","end_time":"2026-01-02"}"#;

#[test]
fn suspended_and_resumed() {
    let mut shop = Shop::new();
    assert_eq!((shop.code(), shop.token_code()), (0, 0));
    shop.program("suspend", &[]);
    assert_eq!((shop.code(), shop.token_code()), (MERCHANT_ABNORMAL, MERCHANT_ABNORMAL));
    // The operator's own calls go on.
    shop.site.operate(&["fund", "--program", "acme", "--asset", "TUSDT", "--amount", "1.00"]);
    shop.program("resume", &[]);
    assert_eq!((shop.code(), shop.token_code()), (0, 0), "the old token is good again");
    shop.program("set", &["--mode", "authorization"]);
    assert_eq!((shop.code(), shop.token_code()), (MODE_NOT_SUPPORTED, 0));
    shop.program("set", &["--mode", "credit"]);
    assert_eq!(shop.merchant.transfer("U1", "FIRST", "In", "10.00").unwrap(), shop.first);
    shop.program("set", &["--duplicate", "error"]);
    let again = shop.merchant.transfer("U1", "FIRST", "In", "10.00").unwrap();
    assert_eq!(code(&again), DUPLICATE, "{again}");
    shop.stop();
}

#[test]
fn disabled_expired_and_revoked() {
    let mut shop = Shop::new();
    shop.credential("disable", &[]);
    assert_eq!((shop.code(), shop.token_code()), (KEY_DISABLED, KEY_DISABLED));
    shop.credential("enable", &[]);
    assert_eq!((shop.code(), shop.token_code()), (BAD_TOKEN, 0), "old tokens stay invalid");
    shop.merchant.log_in();
    assert_eq!(shop.code(), 0);

    shop.credential("expire", &["--at", "2026-01-01T00:00:00Z"]);
    assert_eq!((shop.code(), shop.token_code()), (KEY_EXPIRED, KEY_EXPIRED));
    shop.credential("expire", &["--at", "never"]);
    assert_eq!((shop.code(), shop.token_code()), (0, 0));

    shop.credential("revoke", &[]);
    assert_eq!((shop.code(), shop.token_code()), (KEY_DISABLED, KEY_DISABLED));
    let enable = run(&shop.site.data, &shop.of_credential("enable", &[]));
    assert_ended(&enable, 1, "credential_revoked");
    assert_eq!(shop.token_code(), KEY_DISABLED);
    shop.stop();
}

#[test]
fn addresses() {
    let mut shop = Shop::new();
    shop.credential("allow", &["--allow", "203.0.113.0/24,2001:db8::/32"]);
    assert_eq!((shop.code(), shop.token_code()), (ADDRESS_NOT_ALLOWED, ADDRESS_NOT_ALLOWED));
    // A header is not believed, whatever it says.
    let fields = [("Api-Key", &*shop.merchant.api_key), ("X-Forwarded-For", "203.0.113.7")];
    let mut raw = crate::http::Connection::to(&shop.service.public());
    let answer = raw.request("GET", "/open-api/v1/merchant/token", &fields, b"").unwrap();
    assert_eq!(code(&answer.json()), ADDRESS_NOT_ALLOWED);
    shop.credential("allow", &["--allow", "203.0.113.0/24,127.0.0.0/8"]);
    assert_eq!((shop.code(), shop.token_code()), (0, 0));
    shop.credential("allow", &["--allow", "none"]);
    assert_eq!((shop.code(), shop.token_code()), (ADDRESS_NOT_ALLOWED, ADDRESS_NOT_ALLOWED));
    shop.stop();
}

#[test]
fn what_was_changed_without_a_server_holds_with_the_next() {
    let Shop { site, service, merchant, credential, first } = Shop::new();
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
    site.operate(&["program", "suspend", "--program", "acme"]);
    let service = Service::start(&site.config, &site.data);
    let mut shop = Shop { site, service, merchant, credential, first };
    shop.merchant.follow(&shop.service.public());
    assert_eq!((shop.code(), shop.token_code()), (MERCHANT_ABNORMAL, MERCHANT_ABNORMAL));
    shop.program("resume", &[]);
    assert_eq!((shop.code(), shop.token_code()), (0, 0));
    shop.stop();
}

#[test]
fn cardholders_and_their_money() {
    let mut shop = Shop::new();
    let create = ["cardholder", "create", "--program", "acme", "--number", "U2"];
    shop.site.operate(&create);
    assert_ended(&run(&shop.site.data, &create), 1, "cardholder_already_exists");
    let merchant = &mut shop.merchant;
    let mut ask = |number: &str, direction: &str, amount: &str| {
        code(&merchant.transfer("U2", number, direction, amount).unwrap())
    };
    assert_eq!(ask("A", "In", "5.00"), NOT_VERIFIED);
    assert_eq!(ask("B", "Out", "5.00"), INSUFFICIENT, "Out does not ask for it");
    let set = |status| {
        let set = ["cardholder", "set-status", "--program", "acme", "--number", "U2"];
        shop.site.operate(&[&set[..], &["--status", status]].concat());
    };
    set("approved");
    assert_eq!(ask("A", "In", "5.00"), 0, "a refusal has left the number free");
    set("rejected");
    assert_eq!(ask("C", "In", "5.00"), NOT_VERIFIED);
    assert_eq!(ask("A", "In", "5.00"), 0, "a replay asks for nothing but the caller");
    let move_cents = |command, amount| {
        let of = [command, "--program", "acme", "--cardholder", "U2", "--asset", "TUSDT"];
        shop.site.operate(&[&of[..], &["--amount", amount]].concat())
    };
    assert_eq!(move_cents("fund", "2.50")["available_after"], "7.50");
    assert_eq!(move_cents("payout", "1.25")["available_after"], "6.25");
    assert_eq!(ask("D", "Out", "6.26"), INSUFFICIENT);
    assert_eq!(ask("D", "Out", "6.25"), 0);
    assert_eq!(shop.merchant.balance("U2"), "0.00");
    shop.stop();
}

#[test]
fn a_reversal_takes_back_what_is_there() {
    let mut shop = Shop::new();
    let number = shop.first["data"]["transfer_no"].as_str().expect("a number").to_owned();
    let reverse = ["instruction", "reverse", "--program", "acme", "--instruction", &number];
    assert_eq!(code(&shop.merchant.transfer("U1", "SPENT", "Out", "9.99").unwrap()), 0);
    assert_ended(&run(&shop.site.data, &reverse), 1, "insufficient_funds");
    assert_eq!(code(&shop.merchant.transfer("U1", "BACK", "In", "9.99").unwrap()), 0);
    let reversed = shop.site.operate(&[&reverse[..], &["--remark", "a mistake"]].concat());
    assert_eq!(reversed["available_after"], "0.00");
    assert_eq!(shop.merchant.balance("U1"), "0.00");
    assert_ended(&run(&shop.site.data, &reverse), 1, "already_reversed");
    let shown = ["instruction", "show", "--program", "acme", "--instruction"];
    let id = reversed["instruction"].as_str().expect("an id");
    let shown = shop.site.operate(&[&shown[..], &[id]].concat());
    let undoes = shown["undoes"].as_str().expect("an id").replace('-', "");
    assert_eq!((undoes, &shown["remark"]), (number, &"a mistake".into()));
    // The number that was undone is still used up, and answers as before.
    assert_eq!(shop.merchant.transfer("U1", "FIRST", "In", "10.00").unwrap(), shop.first);
    assert_eq!(shop.merchant.balance("U1"), "0.00");
    shop.stop();
}
