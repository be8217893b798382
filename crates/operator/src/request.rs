//! What every handler needs of a request: the programme, what the path names, the body's fields,
//! and the idempotency key.

use crate::App;
use crate::error::{Problem, of_fault};
use crate::query::Query;
use crate::time;
use crate::word::Word;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use bytes::Bytes;
use core::str::FromStr;
use domain::address::{AllowList, BadCidr};
use domain::asset::Asset;
use domain::credential::CredentialRefusal;
use domain::endpoint::Kinds;
use domain::event::EventKind;
use domain::id::{AccountId, BadId, CredentialId, ProgramId};
use domain::instruction::REMARK_LEN_MAX;
use domain::money::Amount;
use domain::program::ProgramRefusal;
use domain::reference;
use domain::secret::Secret;
use domain::time::Time;
use engine::{ReferenceName, Repeats};
use gateway::fault::Fault;
use gateway::json::{NumberForm, Object, Why};
use http::HeaderMap;
use http::request::Parts;
use std::borrow::Cow;
use std::collections::BTreeSet;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The programme in the path, by id or by name.
pub(crate) struct OfProgram {
    pub id: ProgramId,
}

impl FromRequestParts<App> for OfProgram {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let text = path_part(parts, app, "program").await?;
        let found = app.engine.find_program(&text).await?;
        let (program, _) = found.ok_or_else(|| Problem::refused(ProgramRefusal::Missing))?;
        Ok(Self { id: program.id })
    }
}

/// The credential that the path names on the way to what is its own.
pub(crate) struct OfCredential {
    pub program: ProgramId,
    pub id: CredentialId,
}

impl FromRequestParts<App> for OfCredential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let program = OfProgram::from_request_parts(parts, app).await?.id;
        let missing = || Problem::refused(CredentialRefusal::Missing);
        let text = path_part(parts, app, "credential").await?;
        let id = text.parse().map_err(|_: BadId| missing())?;
        let found = app.engine.find_credential(program, id).await?;
        let credential = found.ok_or_else(missing)?;
        Ok(Self { program, id: credential.id })
    }
}

/// The last thing that the path names: an id or a cardholder's number.
pub(crate) struct Item(String);

impl Item {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// `None` where it is no id: then there is no such thing either.
    pub(crate) fn id<T: FromStr<Err = BadId>>(&self) -> Option<T> {
        self.0.parse().ok()
    }
}

impl FromRequestParts<App> for Item {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        path_part(parts, app, "item").await.map(Self)
    }
}

async fn path_part(parts: &mut Parts, app: &App, name: &str) -> Result<String, Problem> {
    let path = RawPathParams::from_request_parts(parts, app).await;
    let path = path.map_err(|_| Problem::bad_request("The path is not UTF-8."))?;
    let part = path.iter().find(|(known, _)| *known == name);
    let (_, text) = part.expect("routes name their parts as their handlers do");
    Ok(text.to_owned())
}

impl FromRequestParts<App> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Self::parse(parts.uri.query())
    }
}

/// The body of a call without a key. The header is refused: it would protect nothing here.
pub(crate) struct Body(Bytes);

/// The body of a call that runs exactly once where a key is sent.
pub(crate) struct Keyed {
    body: Body,
    key: Option<String>,
}

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        refuse_key(request.headers())?;
        read(request, app).await
    }
}

/// Of calls that do not take the header.
pub(crate) fn refuse_key(headers: &HeaderMap) -> Result<(), Problem> {
    let why = "is not taken by this call: nothing would keep it from running twice";
    match headers.contains_key(IDEMPOTENCY_KEY) {
        true => Err(Problem::bad_field("Idempotency-Key", why)),
        false => Ok(()),
    }
}

impl FromRequest<App> for Keyed {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let key = read_key(request.headers())?;
        let body = read(request, app).await?;
        Ok(Self { body, key })
    }
}

async fn read(request: Request, app: &App) -> Result<Body, Problem> {
    let read = gateway::body::read(request.into_body(), app.options.limits).await;
    read.map(Body).map_err(|fault| of_fault(Fault::from(&fault)))
}

/// What the references of an operation belong to: the door's and its.
macro_rules! scope {
    ($operation:literal) => {
        concat!("operator/", $operation)
    };
}
pub(crate) use scope;

/// 1 to 255 visible ASCII characters.
pub(crate) fn is_key(key: &str) -> bool {
    let bounded = (1..=reference::TEXT_LEN_MAX).contains(&key.len());
    bounded && key.bytes().all(|c| c.is_ascii_graphic())
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), more) = (sent.next(), sent.next()) else {
        return Ok(None);
    };
    match value.to_str().ok().filter(|key| is_key(key)) {
        Some(key) if more.is_none() => Ok(Some(key.to_owned())),
        _ => Err(Problem::bad_field(
            "Idempotency-Key",
            "must be one key of 1 to 255 visible ASCII characters",
        )),
    }
}

impl Body {
    /// An empty body is an empty object: some calls need no field.
    pub(crate) fn fields(&self) -> Result<Fields<'_>, Problem> {
        let text: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        Ok(Fields(Object::parse(text)?))
    }
}

impl Keyed {
    pub(crate) fn fields(&self) -> Result<Fields<'_>, Problem> {
        self.body.fields()
    }

    /// The key as the name of one operation in the programme, see [`scope`].
    pub(crate) fn name(&self, scope: &'static str) -> Option<ReferenceName> {
        Some(ReferenceName { scope: scope.into(), text: self.key.clone()? })
    }

    /// As [`Keyed::name`]. Operators get replays whatever the programme's setting for its callers.
    pub(crate) fn reference(&self, scope: &'static str) -> Option<(ReferenceName, Repeats)> {
        self.name(scope).map(|name| (name, Repeats::Replay))
    }
}

/// The fields of a body, as domain types.
pub(crate) struct Fields<'a>(Object<'a>);

impl<'a> Fields<'a> {
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Problem> {
        Ok(Self(Object::parse(text)?))
    }

    pub(crate) fn text(&self, name: &str, max: usize) -> Result<Cow<'a, str>, Problem> {
        Ok(self.0.text(name, max)?)
    }

    pub(crate) fn optional_text(
        &self,
        name: &str,
        max: usize,
    ) -> Result<Option<Cow<'a, str>>, Problem> {
        Ok(self.0.optional_text(name, max)?)
    }

    /// A text of several lines that is never shown.
    pub(crate) fn secret_lines(&self, name: &str, max: usize) -> Result<Secret<String>, Problem> {
        let text = self.0.multiline_text(name, max)?;
        Ok(Secret::new(text.into_owned()))
    }

    /// One line that is never shown, or absent.
    pub(crate) fn optional_secret(
        &self,
        name: &str,
        max: usize,
    ) -> Result<Option<Secret<String>>, Problem> {
        let text = self.0.optional_text(name, max)?;
        Ok(text.map(|text| Secret::new(text.into_owned())))
    }

    pub(crate) fn texts(
        &self,
        name: &str,
        items: usize,
        max: usize,
    ) -> Result<Option<Vec<Cow<'a, str>>>, Problem> {
        Ok(self.0.texts(name, items, max)?)
    }

    pub(crate) fn unsigned(&self, name: &str, default: u64, max: u64) -> Result<u64, Problem> {
        Ok(self.0.unsigned(name, default, max)?)
    }

    /// `"*"` for everybody, or a list of address ranges, which may be empty; or absent.
    pub(crate) fn allow(&self, name: &str) -> Result<Option<AllowList>, Problem> {
        let bad = |why: &dyn core::fmt::Display| Problem::bad_field(name, why);
        match self.0.optional_text(name, WORD_LEN_MAX).map_err(|fault| fault.why) {
            Ok(None) => return Ok(None),
            Ok(Some(text)) if text == "*" => return Ok(Some(AllowList::Any)),
            Err(Why::NotText) => {}
            Ok(Some(_)) | Err(_) => return Err(bad(&"must be \"*\" or a list of ranges")),
        }
        let ranges = self.texts(name, RANGES_MAX, WORD_LEN_MAX)?.unwrap_or_default();
        let read = |range: &Cow<'_, str>| {
            let fault = |why: BadCidr| bad(&format_args!("has `{range}`: {why}"));
            range.parse().map_err(fault)
        };
        let ranges: Result<Vec<_>, Problem> = ranges.iter().map(read).collect();
        ranges.map(|ranges| Some(AllowList::Only(ranges)))
    }

    /// `"*"` for all events, or a list of their kinds; or absent.
    pub(crate) fn kinds(&self, name: &str) -> Result<Option<Kinds>, Problem> {
        match self.0.optional_text(name, WORD_LEN_MAX).map_err(|fault| fault.why) {
            Ok(None) => return Ok(None),
            Ok(Some(text)) if text == "*" => return Ok(Some(Kinds::All)),
            Err(Why::NotText) => {}
            Ok(Some(_)) | Err(_) => {
                return Err(Problem::bad_field(name, "must be \"*\" or a list of event kinds"));
            }
        }
        let words = self.texts(name, EventKind::ALL.len(), WORD_LEN_MAX)?.unwrap_or_default();
        let read = |word: &Cow<'_, str>| {
            let unknown =
                || Problem::bad_field(name, format!("has `{word}`, which is no event kind"));
            EventKind::from_word(word).ok_or_else(unknown)
        };
        let kinds: BTreeSet<EventKind> = words.iter().map(read).collect::<Result<_, _>>()?;
        Kinds::only(kinds).map(Some).map_err(Problem::refused)
    }

    /// True, or false where absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.0.boolean(name)?.unwrap_or(false))
    }

    /// A word of a closed set, or absent.
    pub(crate) fn word<W: Word>(&self, name: &str) -> Result<Option<W>, Problem> {
        let Some(word) = self.0.optional_text(name, WORD_LEN_MAX)? else {
            return Ok(None);
        };
        match W::find(&word) {
            Some(found) => Ok(Some(found)),
            None => Err(Problem::bad_field(name, W::expected())),
        }
    }

    pub(crate) fn account(&self, name: &str) -> Result<AccountId, Problem> {
        let text = self.text(name, WORD_LEN_MAX)?;
        text.parse().map_err(|why: BadId| Problem::bad_field(name, format!("is {why}")))
    }

    /// An id, or absent.
    pub(crate) fn optional_id<T: FromStr<Err = BadId>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        self.optional_text(name, WORD_LEN_MAX)?
            .map(|text| text.parse().map_err(|why| Problem::bad_field(name, format!("is {why}"))))
            .transpose()
    }

    /// The code of an asset, exactly.
    pub(crate) fn asset(&self, name: &str) -> Result<Asset, Problem> {
        find_asset(name, &self.text(name, WORD_LEN_MAX)?)
    }

    /// Codes of assets, or absent.
    pub(crate) fn assets(&self, name: &str) -> Result<Option<Vec<Asset>>, Problem> {
        let Some(codes) = self.texts(name, ASSETS_MAX, WORD_LEN_MAX)? else {
            return Ok(None);
        };
        let assets = codes.iter().map(|code| find_asset(name, code));
        assets.collect::<Result<_, _>>().map(Some)
    }

    /// `amount`, a string, in the asset that `asset` names.
    pub(crate) fn amount(&self) -> Result<Amount, Problem> {
        let asset = self.asset("asset")?;
        let text = self.0.amount_text("amount", NumberForm::Text)?;
        Amount::parse(&text, asset).map_err(|why| Problem::bad_field("amount", format!("is {why}")))
    }

    pub(crate) fn remark(&self) -> Result<String, Problem> {
        let remark = self.optional_text("remark", REMARK_LEN_MAX)?;
        Ok(remark.map_or_else(String::new, Cow::into_owned))
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<Time>, Problem> {
        self.optional_text(name, WORD_LEN_MAX)?
            .map(|text| time::parse(&text).ok_or_else(|| Problem::bad_field(name, time::EXPECTED)))
            .transpose()
    }

    /// Refuses what nobody has asked for.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        match self.0.unread().next() {
            None => Ok(()),
            Some(name) => Err(Problem::bad_field(name, "is not a field of this call")),
        }
    }
}

/// The longest id, time, code or word, with room to spare.
pub(crate) const WORD_LEN_MAX: usize = 64;
/// The most assets of one call; each opens six accounts in one unit of work.
const ASSETS_MAX: usize = 64;
/// The most ranges that are read. The domain allows fewer, and says so.
const RANGES_MAX: usize = 1_024;

fn find_asset(field: &str, code: &str) -> Result<Asset, Problem> {
    Asset::find(code).ok_or_else(|| Problem::bad_field(field, "is not a code of a known asset"))
}
