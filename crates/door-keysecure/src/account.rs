//! `account/{cardholder_no}/info`: a cardholder's wallets and what they are worth.

use crate::Door;
use crate::authenticate::CreditMerchant;
use crate::envelope::{List, Shown};
use crate::error::{Code, Failure};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::account::Account;
use domain::asset::Asset;
use domain::cardholder;
use domain::credential::Caller;
use domain::money::Money;
use domain::rate::Rounding;
use serde::Serialize;
use std::sync::Arc;

/// The documentation does not say which values there are.
const SYMBOL_CHAIN: &str = "";
/// Nobody can be given credit as a gift, so everybody has none.
const BONUS: &str = "0.00";
const USD: &str = "USD";

#[derive(Serialize)]
struct Wallet {
    cardholder_no: Shown<Arc<str>>,
    symbol: &'static str,
    symbol_chain: &'static str,
    /// Available: the limit of what can be moved out.
    balance: Shown<Money>,
    /// Empty where the operator has set no rate to USD: no worth is better than a wrong one.
    usd_balance: String,
    bonus_balance: &'static str,
    usd_bonus_balance: &'static str,
}

pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    merchant: CreditMerchant,
    cardholder_no: Result<Path<String>, PathRejection>,
) -> Response {
    let answer = async {
        let number = read_number(cardholder_no)?;
        wallets(&door, &merchant.caller, &number).await
    };
    merchant.reply.answer(answer.await)
}

/// The rules of the same field in a body: 1 to 64 characters, none of them a control character.
fn read_number(path: Result<Path<String>, PathRejection>) -> Result<String, Failure> {
    let bad = || Failure::parameter("cardholder_no");
    let Path(number) = path.map_err(|_| bad())?;
    let bounded = (1..=cardholder::NUMBER_LEN_MAX).contains(&number.chars().count());
    if bounded && !number.chars().any(char::is_control) { Ok(number) } else { Err(bad()) }
}

async fn wallets(door: &Door, caller: &Caller, number: &str) -> Result<List<Wallet>, Failure> {
    let engine = &door.engine;
    engine.admit(caller).await?;
    let holder = engine.find_cardholder(caller.program, number).await?;
    let holder = holder.ok_or(Code::CardholderMissing)?;
    let cardholder_no: Arc<str> = number.into();
    let mut list = Vec::new();
    for account in engine.wallets(&holder).await? {
        list.push(Wallet {
            cardholder_no: Shown(Arc::clone(&cardholder_no)),
            symbol: account.asset.code(),
            symbol_chain: SYMBOL_CHAIN,
            balance: Shown(account.available()),
            usd_balance: worth(door, &account).await?,
            bonus_balance: BONUS,
            usd_bonus_balance: BONUS,
        });
    }
    Ok(List { list })
}

/// What is available, in USD at the programme's rate, rounded to the nearest cent.
async fn worth(door: &Door, account: &Account) -> Result<String, Failure> {
    let available = account.available();
    let Some(usd) = Asset::find(USD) else {
        return Ok(String::new());
    };
    if account.asset == usd {
        return Ok(available.to_string());
    }
    let rate = door.engine.find_rate(account.program, account.asset, usd);
    let worth = rate.await?.and_then(|row| row.rate.convert(available, usd, Rounding::HalfEven));
    Ok(worth.map_or_else(String::new, |(money, _)| money.to_string()))
}

#[cfg(test)]
mod tests;
