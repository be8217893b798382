//! What is built: the one list that the router is made from.

use crate::{Door, balance, deposit, rfi, sub_account, token, transfer};
use axum::Router;
use axum::routing::on;
use gateway::method::Method;
use std::sync::Arc;

/// A built endpoint. The path is below the prefix that the door is mounted at.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    to: To,
}

/// Which handler.
#[derive(Clone, Copy, Debug)]
enum To {
    Token,
    Accounts,
    CreateAccount,
    CreateSubAccount,
    AdditionalDocuments,
    Account,
    Rfis,
    Rfi,
    AnswerRfi,
    BankingBalances,
    BankingBalance,
    BankingTransactions,
    IssuingBalances,
    IssuingBalance,
    IssuingTransactions,
    CreateTransfer,
    Transfer,
    Deposit,
}

const fn route(method: Method, path: &'static str, to: To) -> Route {
    Route { method, path, to }
}

/// All of them, in the order of the operation index.
pub const ROUTES: &[Route] = &[
    route(Method::Post, "/v1/connect/token", To::Token),
    route(Method::Get, "/v1/accounts", To::Accounts),
    route(Method::Get, "/v1/accounts/{id}", To::Account),
    route(Method::Post, "/v1/accounts", To::CreateAccount),
    route(Method::Post, "/v1/accounts/create_accounts", To::CreateSubAccount),
    route(Method::Get, "/v1/accounts/get_additional", To::AdditionalDocuments),
    route(Method::Get, "/v1/rfis", To::Rfis),
    route(Method::Get, "/v1/rfis/{id}", To::Rfi),
    route(Method::Post, "/v1/rfis/answer", To::AnswerRfi),
    route(Method::Get, "/v1/balances", To::BankingBalances),
    route(Method::Get, "/v1/balances/{currency}", To::BankingBalance),
    route(Method::Get, "/v1/balances/transactions", To::BankingTransactions),
    route(Method::Get, "/v1/issuing/balances", To::IssuingBalances),
    route(Method::Post, "/v1/issuing/balances", To::IssuingBalance),
    route(Method::Get, "/v1/issuing/balances/transactions", To::IssuingTransactions),
    route(Method::Post, "/v1/issuing/transfers", To::CreateTransfer),
    route(Method::Get, "/v1/issuing/transfers/{id}", To::Transfer),
    route(Method::Post, "/v1/simulation/deposit", To::Deposit),
];

/// The routes with all of them added.
pub(crate) fn add_to(routes: Router<Arc<Door>>) -> Router<Arc<Door>> {
    ROUTES.iter().fold(routes, |routes, route| {
        let method = route.method.filter();
        let handler = match route.to {
            To::Token => on(method, token::issue),
            To::Accounts => on(method, sub_account::list),
            To::Account => on(method, sub_account::find),
            To::CreateAccount => on(method, sub_account::create),
            To::CreateSubAccount => on(method, sub_account::create_of_line),
            To::AdditionalDocuments => on(method, sub_account::additional_documents),
            To::Rfis => on(method, rfi::list),
            To::Rfi => on(method, rfi::find),
            To::AnswerRfi => on(method, rfi::answer),
            To::BankingBalances => on(method, balance::list_banking),
            To::BankingBalance => on(method, balance::find_banking),
            To::BankingTransactions => on(method, balance::banking_transactions),
            To::IssuingBalances => on(method, balance::list_issuing),
            To::IssuingBalance => on(method, balance::find_issuing),
            To::IssuingTransactions => on(method, balance::issuing_transactions),
            To::CreateTransfer => on(method, transfer::create),
            To::Transfer => on(method, transfer::find),
            To::Deposit => on(method, deposit::simulate),
        };
        routes.route(route.path, handler)
    })
}
