//! Transcripts: what a door answers, byte for byte, in files that people read.
//!
//! Each `crates/door-<vendor>/contract/<topic>.http` is a row of exchanges with one fresh sandbox,
//! played on every backend:
//!
//! ```text
//! ### What this shows
//! # Why, if the title does not say it.
//! # operator: PATCH /v1/programs/demo-credit {"status":"suspended"}
//! GET /open-api/v1/merchant/token
//! Api-Key: {{credit.api_key}}
//!
//! HTTP/1.1 200 OK
//! content-type: application/json
//!
//! {"code":1022,"msg":"Merchant status is abnormal, please contact administrator"}
//! ```
//!
//! `Host` and `Content-Length` are added to the request; `date`, `content-length` and
//! `x-request-id` are left out of the answer. Empty lines behind a body are not of it.
//!
//! Lines before a request prepare it, from top to bottom:
//!
//! - `# clock: MS` sets the server's clock, which stands still: Unix milliseconds, at first
//!   [`START_MS`];
//! - `# server: NAME=VALUE …` starts the server anew on its data, with this environment or none; a
//!   blank between quotes belongs to the value;
//! - `# operator: METHOD PATH [JSON] [-> NAME]` is a call of the operator, which must succeed; what
//!   it answers is then `{{NAME.field.0}}`;
//! - `# store: hold` lets nobody write, until `# store: free`, after which the server has to start
//!   anew;
//! - `# store: stall TABLE` is the same, but lets everybody read, and stops nobody who adds no rows
//!   to this table, where the backend can tell;
//! - `# store: lose TABLE` deletes a table's rows, as damage would.
//!
//! Braces in what is sent: `{{now}}` and `{{now-60001}}` are the clock, `{{stamp}}` and
//! `{{stamp-1801}}` the same in 14 digits and by seconds, `{{filler:9}}` is nine letters;
//! everything else is a variable of the vendor, or was captured. In answers `{{id}}` is 32
//! hexadecimal digits, `{{short}}` eight or more capitals, digits and dashes, and `{{uuid}}`,
//! `{{ms}}`, `{{rfc3339}}`, `{{token}}` are what they say. `{{id:first}}` captures one, and
//! `{{first}}` is from then on that very text.
//!
//! To add a door: a file like `keysecure.rs`, with its [`Vendor`] and its `transcripts!`.

mod answer;
mod coverage;
mod keysecure;
mod site;
mod transcript;
mod uqpay;
mod variables;
mod wonder;

use crate::backend::Backend;
use crate::http::Connection;
use crate::server::Sandbox;
use site::{START_MS, Site};
use std::path::PathBuf;
use transcript::{Exchange, Request, Transcript};
use variables::Variables;

/// What one vendor's transcripts need beside what all share.
pub trait Vendor {
    /// The name of its crate.
    const DOOR: &'static str;

    /// What its transcripts may name, from a server that is ready and whose clock shows this.
    fn variables(sandbox: &Sandbox, now_ms: i64) -> Vec<(String, String)>;

    /// Completes a request whose placeholders are filled, such as with a signature.
    fn finish(_request: &mut Request, _variables: &Variables) {}
}

/// Where a vendor's transcripts are.
fn folder<V: Vendor>() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(V::DOOR).join("contract")
}

/// The topics, by name.
fn topics<V: Vendor>() -> Vec<String> {
    let files = std::fs::read_dir(folder::<V>()).expect("the door has transcripts");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut topics: Vec<_> = names
        .map(|name| name.strip_suffix(".http").expect("transcripts and nothing else").to_owned())
        .collect();
    topics.sort_unstable();
    topics
}

fn read<V: Vendor>(topic: &str) -> Transcript {
    let path = folder::<V>().join(format!("{topic}.http"));
    let text = std::fs::read_to_string(&path).expect("the transcript is there");
    Transcript::parse(&text).unwrap_or_else(|fault| panic!("{topic}.http:{fault}"))
}

/// Plays a transcript from its beginning to its end, and tells of all that differs.
fn play<V: Vendor>(topic: &str, backend: Backend) {
    let transcript = read::<V>(topic);
    let mut site = Site::start(backend);
    let mut variables = Variables::at(START_MS);
    variables.extend(V::variables(site.sandbox(), START_MS));
    let mut connection = Connection::to(&site.public());
    let mut differences = Vec::new();
    for exchange in &transcript.exchanges {
        let compared = site.prepare(&exchange.steps, &mut variables).and_then(|()| {
            if connection.address() != site.public() {
                connection = Connection::to(&site.public());
            }
            exchange_one::<V>(&mut connection, exchange, &mut variables)
        });
        if let Err(why) = compared {
            let Exchange { line, title, .. } = exchange;
            differences.push(format!("{topic}.http:{line}: {title}\n{why}"));
        }
    }
    site.end();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

fn exchange_one<V: Vendor>(
    connection: &mut Connection,
    exchange: &Exchange,
    variables: &mut Variables,
) -> Result<(), String> {
    let mut request = exchange.request.filled(variables)?;
    V::finish(&mut request, variables);
    let fields: Vec<_> = request.fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer =
        connection.request(&request.method, &request.path, &fields, request.body.as_bytes());
    let answer = answer.map_err(|error| format!("there is no answer: {error}"))?;
    answer::compare(&exchange.answer, &answer::shown(&answer), variables)
}

/// Makes a test of each topic and backend, and one that no file is left out.
macro_rules! transcripts {
    ($vendor:ty: $($topic:ident),* $(,)?) => {
        $(fn $topic(backend: crate::backend::Backend) {
            crate::contract::play::<$vendor>(stringify!($topic), backend);
        })*
        crate::backend::on_each! { $($topic),* }

        #[test]
        fn every_transcript_is_played() {
            assert_eq!(crate::contract::topics::<$vendor>(), [$(stringify!($topic)),*]);
        }
    };
}
pub(crate) use transcripts;
