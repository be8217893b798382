//! What the sandbox prints: commands to paste.

use super::demo::Contract;
use crate::cli::Place;
use crate::open::without_password;
use std::io::Write;
use std::path::Path;

/// The vendor's documented transfer example; only host and credentials are ours.
const EXAMPLE: &str = concat!(
    r#"'{"cardholder_no":"U202605220001","transfer_unique_no":"TRANSFER_202605220001","#,
    r#""type":"In","balance":"100.00"}'"#
);

/// A call with all headers of the door, for any shell.
const CALL: &str = r#"call() { P=$1; shift; curl -s "$BASE/$P" -H "Api-Key: $KEY" \
  -H "Timestamp: $(date +%s%3N)" -H "Access-Token: $TOKEN" \
  -H 'Content-Type: application/json' "$@"; echo; }"#;
const TOKEN: &str = r#"TOKEN=$(call merchant/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"#;

/// Today where the door's days are counted unless a header says otherwise.
const TODAY: &str = "DAY=$(TZ=UTC-8 date +%F)";
const LIST: &str = r#"call account/transfer/list -d '{"start_time":"'$DAY'","end_time":"'$DAY'"}'"#;

/// A signed call, for any shell that has openssl: method, target, body.
const SIGNED: &str = r#"hmac() { openssl dgst -sha256 -r \
  -mac HMAC -macopt "hexkey:$1" | cut -d' ' -f1; }
wonder() { T=$(date -u +%Y%m%d%H%M%S); N=$(openssl rand -hex 8)
  K=$(printf %s "$T" | hmac "$(printf %s "$N" | od -An -tx1 | tr -d ' \n')")
  K=$(printf %s Wonder-RSA-SHA256 | hmac "$K")
  D=$({ printf '%s\n%s' "$1" "$2"; [ -z "$3" ] || printf '\n%s' "$3"; } | hmac "$K")
  S=$(printf %s "$D" | openssl dgst -sha256 -sign "$PEM" | openssl base64 -A)
  curl -s -X "$1" "$URL$2" -H "Credential: $APP/$T/Wonder-RSA-SHA256" -H "Nonce: $N" \
  -H "Signature: $S" -H 'Content-Type: application/json' ${3:+-d "$3"}; echo; }"#;
const PEM: &str = r#"PEM=$(mktemp); sed -n 's/.*"private_key_pem": "\(.*\)".*/\1/p'"#;
const TO_LINES: &str = r#"| sed 's/\\n/\n/g' >"$PEM""#;

/// A token, a transfer under a key of its own, a balance.
const UQPAY: &str = r#"AUTH=$(curl -s -X POST "$API/connect/token" -H "x-client-id: $ID" \
  -H "x-api-key: $SECRET" | sed 's/.*"auth_token":"\([^"]*\)".*/\1/')
uqpay() { P=$1; shift; curl -s "$API/$P" -H "x-auth-token: Bearer $AUTH" \
  -H 'Content-Type: application/json' "$@"; echo; }
uqpay issuing/transfers -H 'x-idempotency-key: 0b9c9b3e-3d0b-4a53-9b61-0d3d1f6c2a10' \
  -d '{"source_account_id":"'$MASTER'","destination_account_id":"'$SUB'",
  "currency":"SGD","amount":12.34,"remark":"example"}'
uqpay 'issuing/balances?page_size=10&page_number=1' -H "x-on-behalf-of: $SUB""#;

/// The options that lead a command to the same store. A password stays out of sight; who gave it
/// knows it.
fn options(place: &Place, data: &Path) -> String {
    let mut options = format!("--data {}", data.display());
    if let Some(config) = &place.config {
        options.push_str(&format!(" --config {}", config.display()));
    }
    if let Some(database) = &place.database {
        options.push_str(&format!(" --database {}", without_password(database)));
    }
    options
}

pub fn ready(contract: &Contract, file: &Path, place: &Place) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let credit = contract.keysecure.iter().find(|part| part.part == "credit");
    let key = credit.map_or("", |part| part.api_key.expose().as_str());
    let options = options(place, file.parent().unwrap_or(Path::new(".")));
    let Contract { public_url, operator_url, .. } = contract;
    writeln!(out, "Vostro sandbox is ready. Merchants: {public_url}   Operator: {operator_url}")?;
    writeln!(out, "All urls and credentials: {}", file.display())?;
    writeln!(
        out,
        "\n# Paste into another shell: a token, then a transfer. Twice, the same answer"
    )?;
    writeln!(out, "BASE={}", contract.keysecure_url())?;
    writeln!(out, "KEY={key}")?;
    writeln!(out, "{CALL}\n{TOKEN}")?;
    writeln!(out, "call account/transfer -d {EXAMPLE}")?;
    writeln!(out, "call account/U202605220001/info")?;
    writeln!(out, "{TODAY}\n{LIST}")?;
    writeln!(out, "\n# The Wonder door: a signed transfer between its two users, and the list")?;
    writeln!(out, "URL={public_url}; APP={}", contract.wonder.app_id)?;
    writeln!(out, "{PEM} {} {TO_LINES}", file.display())?;
    writeln!(out, "{SIGNED}")?;
    let transfers = door_wonder::TRANSFER_PATHS[0];
    writeln!(out, "wonder POST {transfers} '{}'", contract.wonder.example())?;
    writeln!(out, "wonder GET '{transfers}?offset=0&limit=10'")?;
    writeln!(out, "\n# The UQPAY door: a token, a transfer to the sub-account, its balance")?;
    writeln!(out, "{}\n{UQPAY}", contract.uqpay.variables(public_url))?;
    writeln!(
        out,
        "\n# The operator's side, while it runs; what the UQPAY webhook said of the transfer"
    )?;
    let fund = "fund --program demo-credit --asset TUSDT --amount 500.00";
    writeln!(out, "cargo run --release -- {options} {fund}")?;
    writeln!(out, "cargo run --release -- {options} inbox list --program demo-uqpay")?;
    writeln!(out, "cargo run --release -- {options} verify")?;
    out.flush()
}
