//! Who a cardholder is: sealed in its row, and the blind keys that it is found and compared by.
//!
//! Nothing of a person leaves this file but sealed, as a blind key, or to the door that asks.

use crate::error::Error;
use crate::start::Engine;
use domain::cardholder::{
    Cardholder, CardholderRefusal, DocumentKind, Identity, PERSON_TEXT_LEN_MAX, Person,
};
use domain::id::{BlindKey, CardholderId, ProgramId};
use domain::secret::Secret;
use vault::data::SealContext;
use vault::lookup::LookupKey;
use zeroize::Zeroizing;

/// The layout of a sealed person: version, document kind, then each text after its length (2
/// bytes, big-endian), in the order of [`texts`].
const PERSON_V1: u8 = 1;

fn texts(person: &Person) -> [&Secret<String>; 7] {
    [
        &person.calling_code,
        &person.phone_number,
        &person.document_number,
        &person.first_name,
        &person.last_name,
        &person.date_of_birth,
        &person.issuing_country,
    ]
}

/// No text is longer than is kept, so its length fits the layout.
pub(super) fn check(person: &Person) -> Result<(), CardholderRefusal> {
    let fits = |text: &&Secret<String>| text.expose().len() <= PERSON_TEXT_LEN_MAX;
    if texts(person).iter().all(fits) { Ok(()) } else { Err(CardholderRefusal::IdentityMismatch) }
}

fn written(person: &Person) -> Zeroizing<Vec<u8>> {
    let texts = texts(person);
    let len: usize = texts.iter().map(|text| text.expose().len() + 2).sum();
    // The full capacity from the start: growing would leave copies behind that nobody wipes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 + len));
    bytes.extend_from_slice(&[PERSON_V1, person.document_kind.code()]);
    for text in texts {
        let len = u16::try_from(text.expose().len()).expect("texts were checked to be short");
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(text.expose().as_bytes());
    }
    bytes
}

fn read(bytes: &[u8]) -> Option<Person> {
    let ([version, kind], mut rest) = bytes.split_first_chunk::<2>()?;
    let document_kind = DocumentKind::from_code(*kind)?;
    (*version == PERSON_V1).then_some(())?;
    let mut text = || {
        let (len, after) = rest.split_first_chunk::<2>()?;
        let (text, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        rest = after;
        Some(Secret::new(std::str::from_utf8(text).ok()?.to_owned()))
    };
    Some(Person {
        document_kind,
        calling_code: text()?,
        phone_number: text()?,
        document_number: text()?,
        first_name: text()?,
        last_name: text()?,
        date_of_birth: text()?,
        issuing_country: text()?,
    })
}

/// The blind key of a document.
pub(crate) fn document_key(
    lookup: &LookupKey,
    program: ProgramId,
    kind: DocumentKind,
    number: &str,
) -> BlindKey {
    let (kind, number) = (kind.word().as_bytes(), number.as_bytes());
    BlindKey::from_bytes(lookup.lookup(&[b"blind document", program.bytes(), kind, number]))
}

fn phone_key(lookup: &LookupKey, program: ProgramId, person: &Person) -> BlindKey {
    let (code, number) = (&person.calling_code, &person.phone_number);
    let (code, number) = (code.expose().as_bytes(), number.expose().as_bytes());
    BlindKey::from_bytes(lookup.lookup(&[b"blind phone", program.bytes(), code, number]))
}

const fn context(program: ProgramId, id: &CardholderId) -> SealContext<'_> {
    SealContext { program, noun: "cardholder", id: id.bytes(), field: "identity" }
}

impl Engine {
    /// A person as the cardholder's row keeps them.
    pub(super) async fn seal_identity(
        &self,
        program: ProgramId,
        id: CardholderId,
        person: &Person,
    ) -> Result<Identity, Error> {
        let keys = self.program_keys(program).await?;
        let sealed = keys.data.seal(self.random.as_ref(), &context(program, &id), &written(person));
        let sealed = sealed.map_err(|_| Error::Internal("an identity could not be sealed"))?;
        let lookup = &self.keyring.lookup;
        let (kind, number) = (person.document_kind, person.document_number.expose());
        Ok(Identity {
            sealed,
            phone: phone_key(lookup, program, person),
            document: document_key(lookup, program, kind, number),
        })
    }

    /// Who a cardholder is, where that is known.
    pub async fn person_of(&self, cardholder: &Cardholder) -> Result<Option<Person>, Error> {
        let Some(identity) = &cardholder.identity else { return Ok(None) };
        let keys = self.program_keys(cardholder.program).await?;
        let context = context(cardholder.program, &cardholder.id);
        let opened = keys.data.open(&context, &identity.sealed);
        let opened = opened.map_err(|_| Error::Internal("an identity could not be opened"))?;
        read(opened.expose()).map(Some).ok_or(Error::Internal("an identity could not be read"))
    }
}
