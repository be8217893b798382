//! Servers that share a database, a master key and an operator's token, each with a data directory
//! of its own.

use super::client::{Client, Front, Said};
use crate::backend::CONFIG;
use crate::books::{Asked, Books};
use crate::merchant::Merchant;
use crate::operator::Operator;
use crate::process::{assert_verified, said, vostro};
use crate::server::Service;
use pgfixture::shared;
use serde_json::{Value, json};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use tempfile::TempDir;

const TOKEN: &str = "the operator's token of all servers of a test";
/// The programme that most tests need no other beside.
pub const PROGRAM: &str = "acme";
/// Its cardholders, whose wallets no test empties.
pub const HOLDERS: [&str; 6] = ["P1", "P2", "P3", "P4", "P5", "P6"];

/// A database, and the secrets of its servers.
pub struct Site {
    root: TempDir,
    /// The straight way to the database.
    pub url: String,
}

impl Site {
    pub fn new(url: String) -> Self {
        let root = tempfile::tempdir().unwrap();
        new_master_key(&root.path().join("master.key"));
        write_secret(&root.path().join("operator.token"), TOKEN);
        Self { root, url }
    }

    /// On an empty database of a server that nobody harms.
    pub fn shared() -> Self {
        Self::new(shared().url(&shared().create_database()))
    }

    /// The data directory of a server with this name, which reaches the database through `url`.
    pub fn data(&self, name: &str, url: &str) -> PathBuf {
        self.data_with_key(name, url, &self.root.path().join("master.key"))
    }

    fn data_with_key(&self, name: &str, url: &str, key: &Path) -> PathBuf {
        let data = self.root.path().join(name);
        let token = self.root.path().join("operator.token");
        let text = format!(
            "[store]\ndata = {data:?}\ndatabase = {url:?}\n\
             [secrets]\nmaster_key_file = {key:?}\noperator_token_file = {token:?}\n\
             [server]\nlisten = \"127.0.0.1:0\"\noperator_listen = \"127.0.0.1:0\"\n"
        );
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join(CONFIG), text).unwrap();
        data
    }

    pub fn serve(&self, name: &str) -> Service {
        self.serve_through(name, &self.url)
    }

    pub fn serve_through(&self, name: &str, url: &str) -> Service {
        let data = self.data(name, url);
        Service::start(&data.join(CONFIG), &data)
    }

    /// A serve with a master key of its own, to its end.
    pub fn serve_with_another_key(&self, name: &str) -> Output {
        let key = self.root.path().join(format!("{name}.key"));
        new_master_key(&key);
        let data = self.data_with_key(name, &self.url, &key);
        vostro().arg("--config").arg(data.join(CONFIG)).arg("serve").output().unwrap()
    }

    /// Fails with the finding unless the whole database is as it must be.
    pub fn verify(&self) {
        assert_verified(&self.data("verify", &self.url));
    }
}

fn new_master_key(path: &Path) {
    let output = vostro().arg("master-key").arg("--out").arg(path).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

fn write_secret(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new();
    let file = file.write(true).create_new(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
}

pub fn operator(server: &Service) -> Operator {
    Operator::with_token(&server.operator(), TOKEN)
}

/// A programme with a full reserve.
pub fn create_program(operator: &mut Operator, name: &str) {
    let program = json!({ "name": name, "assets": ["TUSDT"] });
    operator.call("POST", "/v1/programs", None, &program);
    let money = json!({ "asset": "TUSDT", "amount": "100000000.00" });
    operator.call("POST", &format!("/v1/programs/{name}/fund"), Some("RESERVE"), &money);
}

pub fn create_holder(operator: &mut Operator, program: &str, number: &str) {
    let holder = json!({ "number": number, "status": "approved" });
    operator.call("POST", &format!("/v1/programs/{program}/cardholders"), None, &holder);
}

/// What making a credential has answered: its id and its key.
pub fn create_credential(operator: &mut Operator, program: &str) -> Value {
    let credential = json!({ "door": "keysecure", "allow": "*" });
    operator.call("POST", &format!("/v1/programs/{program}/credentials"), None, &credential)
}

/// A merchant of the programme with a token.
pub fn merchant(server: &Service, credential: &Value) -> Merchant {
    let api_key = credential["api_key"].as_str().expect("a key");
    let mut merchant = Merchant::with_key(&server.public(), api_key);
    merchant.log_in();
    merchant
}

/// Two servers on one database, and a programme whose wallets are too full to be emptied, so that
/// no transfer of a test has a business reason to be refused.
pub struct Pair {
    pub site: Site,
    pub servers: Vec<Service>,
    pub front: Arc<Front>,
    /// At the first server. Its token is good for both.
    pub merchant: Merchant,
    pub books: Books,
}

impl Pair {
    pub fn shared() -> Self {
        let site = Site::shared();
        let url = site.url.clone();
        Self::through(site, [&url, &url])
    }

    /// Each server with its own way to the database.
    pub fn through(site: Site, urls: [&str; 2]) -> Self {
        let servers = ["a", "b"].iter().zip(urls).map(|(name, url)| site.serve_through(name, url));
        let servers: Vec<_> = servers.collect();
        let mut operator = operator(&servers[0]);
        create_program(&mut operator, PROGRAM);
        for holder in HOLDERS {
            create_holder(&mut operator, PROGRAM, holder);
        }
        let credential = create_credential(&mut operator, PROGRAM);
        let mut merchant = merchant(&servers[0], &credential);
        let mut books = Books::of(&HOLDERS);
        for holder in HOLDERS {
            let number = format!("FILL_{holder}");
            let asked = Asked { number, holder, direction: "In", minor: 10_000_000 };
            let answer = asked.ask(&mut merchant).expect("an answer");
            books.note(asked, answer);
        }
        let front = Front::of(&servers);
        Self { site, servers, front, merchant, books }
    }

    /// Another connection to one of the servers.
    pub fn at(&self, server: usize) -> Merchant {
        let mut merchant = self.merchant.again();
        merchant.follow(&self.front.address(server));
        merchant
    }

    /// What is certain not to have happened is in no list. What may have happened is asked for
    /// again at this server, and every second one of the others; then it is there once.
    pub fn settle(&mut self, server: usize, told: Vec<(Asked, Said)>) {
        let mut client = Client::new(&self.front, &self.merchant, server);
        let mut merchant = self.at(server);
        for (at, (asked, said)) in told.into_iter().enumerate() {
            let answer = match said {
                Said::Done(answer) => answer,
                Said::Unknown => client.transfer_at(server, &asked),
                Said::Retry => {
                    let found = asked.listed(&mut merchant);
                    assert_eq!(found, Vec::<Value>::new(), "{asked:?} did not happen");
                    if at % 2 == 0 {
                        continue;
                    }
                    client.transfer_at(server, &asked)
                }
                Said::Lost => panic!("{asked:?} was not answered"),
            };
            assert_eq!(asked.listed(&mut merchant).len(), 1, "{asked:?}");
            self.books.note(asked, answer);
        }
    }

    /// Ends as every test does: each server shows what was acknowledged and nothing else, stops in
    /// order, and leaves a database that is as it must be.
    pub fn end(self) {
        for server in 0..self.servers.len() {
            let mut merchant = self.at(server);
            self.books.assert_balances(&mut merchant);
            self.books.assert_history(&mut merchant);
        }
        for server in self.servers {
            let (status, log) = server.stop();
            assert!(status.success(), "{log}");
        }
        self.site.verify();
    }
}
