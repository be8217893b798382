//! Numbers of what stands in every posting: programmes, accounts and the scopes of references.
//!
//! Known ones are kept in memory as rows are (`cache.rs`): what a batch numbers goes in at once,
//! and all of it is forgotten unless the batch is committed.

use crate::error::fault;
use crate::runs::Key;
use domain::account::{Account, Owner};
use domain::asset::Asset;
use domain::id::{CardholderId, ProgramId};
use foldhash::fast::FixedState;
use rusqlite::{Connection, OptionalExtension, Params, params};
use std::collections::HashMap;
use store::StoreError;

/// Accounts, and scopes, at most. At this number all of them are forgotten.
const KNOWN: usize = 262_144;

pub const PROGRAM: &str = "select no from program_number where program = ?1";
const NEW_PROGRAM: &str = "insert into program_number (program) values (?1)";
pub const ACCOUNT: &str = "select no, asset, cardholder from account_number \
     where program = ?1 and id = ?2";
const NEW_ACCOUNT: &str = "insert into account_number (program, id, asset, cardholder) \
     values (?1, ?2, ?3, ?4)";
pub const SCOPE: &str = "select no from scope_number where scope = ?1";
const NEW_SCOPE: &str = "insert into scope_number (scope) values (?1)";

/// An account's number, and what is filed under it.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    pub no: i64,
    /// `None` where somebody edited the file.
    pub asset: Option<Asset>,
    pub cardholder: Option<CardholderId>,
    /// How far it is, where that is asked too; else 0.
    pub version: u64,
}

#[derive(Default)]
pub struct Numbers {
    programs: HashMap<ProgramId, i64, FixedState>,
    accounts: HashMap<Key, Numbered, FixedState>,
    scopes: HashMap<String, i64, FixedState>,
}

impl Numbers {
    pub fn clear(&mut self) {
        self.programs.clear();
        self.accounts.clear();
        self.scopes.clear();
    }

    pub fn program(&mut self, connection: &Connection, id: ProgramId) -> Result<i64, StoreError> {
        if let Some(no) = self.programs.get(&id) {
            return Ok(*no);
        }
        let no = match number(connection, PROGRAM, params![id.bytes()])? {
            Some(no) => no,
            None => add(connection, NEW_PROGRAM, params![id.bytes()])?,
        };
        self.programs.insert(id, no);
        Ok(no)
    }

    pub fn scope(&mut self, connection: &Connection, scope: &str) -> Result<i64, StoreError> {
        if let Some(no) = self.scopes.get(scope) {
            return Ok(*no);
        }
        let no = match number(connection, SCOPE, params![scope])? {
            Some(no) => no,
            None => add(connection, NEW_SCOPE, params![scope])?,
        };
        if self.scopes.len() >= KNOWN {
            self.scopes.clear();
        }
        self.scopes.insert(scope.to_owned(), no);
        Ok(no)
    }

    /// An account's number, if it is known in memory.
    pub fn known(&self, key: &Key) -> Option<Numbered> {
        self.accounts.get(key).copied()
    }

    pub fn account(
        &mut self,
        connection: &Connection,
        program: i64,
        account: &Account,
    ) -> Result<Numbered, StoreError> {
        let fault = |error| fault("account_number", error);
        let id = account.id.bytes();
        let mut statement = connection.prepare_cached(ACCOUNT).map_err(fault)?;
        let known = statement.query_row(params![program, id], |row| {
            let asset: String = row.get(1)?;
            let cardholder: Option<[u8; 16]> = row.get(2)?;
            let asset = Asset::find(&asset);
            Ok(Numbered {
                no: row.get(0)?,
                asset,
                cardholder: cardholder.map(CardholderId::from_bytes),
                version: 0,
            })
        });
        let numbered = match known.optional().map_err(fault)? {
            Some(known) => known,
            None => {
                let cardholder = match account.owner {
                    Owner::Cardholder(id) => Some(id),
                    _ => None,
                };
                let owner = cardholder.as_ref().map(|id| id.bytes());
                let new = params![program, id, account.asset.code(), owner];
                let no = add(connection, NEW_ACCOUNT, new)?;
                Numbered { no, asset: Some(account.asset), cardholder, version: 0 }
            }
        };
        if self.accounts.len() >= KNOWN {
            self.accounts.clear();
        }
        self.accounts.insert(Key::of(account.program.bytes(), id), numbered);
        Ok(numbered)
    }
}

/// The number of a programme, for whoever only reads.
pub fn of_program(connection: &Connection, id: ProgramId) -> Result<Option<i64>, StoreError> {
    number(connection, PROGRAM, params![id.bytes()])
}

fn number(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<i64>, StoreError> {
    let fault = |error| fault("(number)", error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement.query_row(params, |row| row.get(0)).optional().map_err(fault)
}

fn add(connection: &Connection, sql: &str, params: impl Params) -> Result<i64, StoreError> {
    let fault = |error| fault("(number)", error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement.insert(params).map_err(fault)
}
