//! From `x-auth-token` to a caller, and from `x-on-behalf-of` to the member that acts.
//!
//! The first fault answers: the token's form, the credential behind it, its address, the token's
//! proof and end, then how often it has called, then the member. Without `x-on-behalf-of` the
//! master acts.

use crate::envelope::Reply;
use crate::error::{Code, Failure};
use crate::limit::Client;
use crate::token;
use crate::{DOOR, Door};
use axum::extract::FromRequestParts;
use axum::response::Response;
use domain::credential::Caller;
use domain::id::{ProgramId, SubAccountId};
use domain::sub_account::{SubAccount, SubAccountKind};
use engine::Presented;
use gateway::address::client_address;
use gateway::edge::Arrival;
use gateway::header::{Given, given};
use http::HeaderName;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const ON_BEHALF_OF: HeaderName = HeaderName::from_static("x-on-behalf-of");

/// Stands for an address that a trusted proxy did not tell; such a call is refused even where
/// every address is allowed.
const UNTOLD: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A header that was sent once, as text.
pub(crate) fn header_text<'a>(parts: &'a Parts, name: &HeaderName) -> Option<&'a str> {
    match given(&parts.headers, name) {
        Given::Once(value) => std::str::from_utf8(value).ok(),
        Given::Absent | Given::Twice => None,
    }
}

/// Where a call comes from, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Address(Option<IpAddr>);

impl Address {
    pub(crate) fn of(door: &Door, parts: &Parts) -> Result<Self, Code> {
        let arrival = parts.extensions.get::<Arrival>().ok_or(Code::SystemError)?;
        let proxies = &door.options.trusted_proxies;
        Ok(Self(client_address(arrival.peer, &parts.headers, proxies)))
    }

    pub(crate) fn shown(self) -> IpAddr {
        self.0.unwrap_or(UNTOLD)
    }

    pub(crate) fn check(self) -> Result<(), Code> {
        self.0.map(drop).ok_or(Code::Forbidden)
    }
}

/// A caller with a good token, who acts for one member of the family.
pub(crate) struct Acting {
    pub caller: Caller,
    pub master: SubAccount,
    pub member: SubAccount,
    pub client_id: String,
    pub reply: Reply,
}

impl FromRequestParts<Arc<Door>> for Acting {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Response> {
        let reply = Reply::to(parts);
        acting(door, parts, reply).await.map_err(|failure| reply.refuse(failure))
    }
}

async fn acting(door: &Door, parts: &Parts, reply: Reply) -> Result<Acting, Failure> {
    let text = header_text(parts, &TOKEN).and_then(|text| text.strip_prefix("Bearer "));
    let parsed = text.and_then(token::parse).ok_or(Code::BadToken)?;
    let address = Address::of(door, parts)?;
    let presented = Presented { door: DOOR, api_key: &parsed.client_id, address: address.shown() };
    let identified = door.engine.identify(&presented).await?;
    address.check()?;
    let caller = door.engine.check_token(&presented, &identified, parsed.proof, None).await?;
    door.limits.call(Client::Known(caller.program, caller.credential))?;
    // Also before a call that writes: whom it acts for is read from the store.
    door.engine.admit(&caller).await?;
    let master = door.master(caller.program).await?;
    let member = door.member(caller.program, parts, &master).await?;
    let client_id = parsed.client_id;
    Ok(Acting { caller, master, member, client_id, reply })
}

impl Door {
    /// The family's master, which is never another.
    pub(crate) async fn master(&self, program: ProgramId) -> Result<SubAccount, Failure> {
        let id = self.masters.find(&self.engine, program).await?;
        let id = id.ok_or(Code::Forbidden)?;
        let master = self.engine.find_sub_account(program, id).await?;
        Ok(master.ok_or(Code::Forbidden)?)
    }

    /// The member that the caller acts for: an issuing one that is active.
    async fn member(
        &self,
        program: ProgramId,
        parts: &Parts,
        master: &SubAccount,
    ) -> Result<SubAccount, Failure> {
        let text = match given(&parts.headers, &ON_BEHALF_OF) {
            Given::Absent => return Ok(master.clone()),
            Given::Twice => return Err(Code::SubAccountMissing.into()),
            Given::Once(text) => std::str::from_utf8(text).ok(),
        };
        let id = text.and_then(|text| text.parse::<SubAccountId>().ok());
        let id = id.ok_or(Code::SubAccountMissing)?;
        let found = self.engine.find_sub_account(program, id).await?;
        let member = found.filter(|member| {
            member.kind != SubAccountKind::Banking && member.check_active().is_ok()
        });
        Ok(member.ok_or(Code::SubAccountMissing)?)
    }
}

#[cfg(test)]
mod tests;
