//! Finds cardholders and their wallets.

use super::create::unique_name;
use crate::error::Error;
use crate::start::Engine;
use domain::account::{Account, AccountKind, Owner};
use domain::cardholder::Cardholder;
use domain::id::{CardholderId, ProgramId};

/// The most accounts of one owner that a list gives.
const WALLETS_MAX: u32 = 256;

impl Engine {
    /// By number; another programme's cardholder is not found.
    pub async fn find_cardholder(
        &self,
        program: ProgramId,
        number: &str,
    ) -> Result<Option<Cardholder>, Error> {
        let id = self.cardholder_id(program, number);
        Ok(self.store.cardholder(program, id).await?)
    }

    /// By the merchant's own number.
    pub async fn find_cardholder_by_unique_number(
        &self,
        program: ProgramId,
        number: &str,
    ) -> Result<Option<Cardholder>, Error> {
        let key = self.reference_key(program, &unique_name(number));
        let Some(reference) = self.store.reference(program, key).await? else {
            return Ok(None);
        };
        let id = reference.answer.try_into().map(CardholderId::from_bytes);
        let id = id.map_err(|_| Error::Internal("a merchant's number names no cardholder"))?;
        self.cardholder_by_id(program, id).await
    }

    pub async fn cardholder_by_id(
        &self,
        program: ProgramId,
        id: CardholderId,
    ) -> Result<Option<Cardholder>, Error> {
        Ok(self.store.cardholder(program, id).await?)
    }

    /// In the order of their ids, after one of them.
    pub async fn cardholders(
        &self,
        program: ProgramId,
        after: Option<CardholderId>,
        limit: u32,
    ) -> Result<Vec<Cardholder>, Error> {
        Ok(self.store.cardholders(program, after, limit).await?)
    }

    /// A cardholder's wallets, by asset.
    pub async fn wallets(&self, cardholder: &Cardholder) -> Result<Vec<Account>, Error> {
        let owner = Some(Owner::Cardholder(cardholder.id));
        let mut accounts =
            self.store.accounts(cardholder.program, owner, None, WALLETS_MAX).await?;
        accounts.retain(|account| account.kind == AccountKind::Wallet);
        accounts.sort_by_key(|account| account.asset);
        Ok(accounts)
    }
}
