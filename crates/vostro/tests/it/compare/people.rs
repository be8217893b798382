//! Random people: who cardholders are, what moves between them, and the keys of who asks for it.

use super::command::{Dice, Shop, What};
use domain::cardholder::{CardholderStatus, DocumentKind, Person};
use domain::id::{CardholderId, CredentialId, SignatureKeyId, SubAccountId};
use domain::secret::Secret;
use domain::signature_key::SignatureUse;
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use engine::cardholder::RegisterCardholder;
use engine::signature_key::AddSignatureKey;
use engine::sub_account::CreateSubAccount;
use engine::transfer::{FamilyTransfer, Party, PeerTransfer, Place};
use engine::{ReferenceName, Repeats};
use vault::signature::{SigningKey, demo};

/// Few, so that phones and documents are often taken.
const NAMES: [&str; 6] = ["p0", "p1", "p2", "p3", "p4", "p5"];

/// What is asked about people.
#[derive(Clone, Debug)]
pub enum Ask {
    Register(RegisterCardholder),
    Identity(&'static str, Person),
    Key(AddSignatureKey),
    Retire(SignatureKeyId),
    Member(CreateSubAccount),
    Standing(SubAccountId, SubAccountStatus),
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

impl Dice {
    fn person(&mut self) -> Person {
        Person {
            calling_code: secret("852"),
            phone_number: secret(self.pick(&NAMES)),
            document_kind: self.pick(DocumentKind::ALL),
            document_number: secret(self.pick(&NAMES)),
            first_name: secret("Ä"),
            last_name: secret(""),
            date_of_birth: secret("1990-01-31"),
            issuing_country: secret("HKG"),
        }
    }

    fn party(&mut self, shop: &Shop) -> Party {
        let known = match shop.people.as_slice() {
            people @ [_, ..] if !self.one_in(10) => people[self.index(people.len())].clone(),
            _ => (CardholderId::from_bytes([7; 16]), self.pick(&NAMES).to_owned()),
        };
        let (cardholder, unique_number) = known;
        // Where everybody has the same of each, most of what is said is so.
        let (kind, number) = (DocumentKind::Passport, unique_number.clone());
        let number = if self.one_in(10) { "another".to_owned() } else { number };
        Party {
            cardholder,
            unique_number,
            document_kind: kind,
            document_number: Secret::new(number),
        }
    }

    pub fn peer(&mut self, shop: &Shop) -> What {
        let asset = self.pick(&super::assets());
        let ReferenceName { scope, text } = self.name(shop);
        What::Peer(PeerTransfer {
            payer: self.party(shop),
            payee: self.party(shop),
            amount: self.amount(asset),
            remark: self.remark(),
            end_to_end_id: text.clone(),
            reference: ReferenceName { scope, text },
        })
    }

    fn member(&mut self, shop: &Shop) -> SubAccountId {
        match shop.members.as_slice() {
            members @ [_, ..] if !self.one_in(20) => self.pick(members),
            _ => SubAccountId::from_bytes([7; 16]),
        }
    }

    fn new_member(&mut self, shop: &Shop) -> CreateSubAccount {
        CreateSubAccount {
            id: None,
            kind: self.pick(SubAccountKind::ALL),
            name: self.pick(&NAMES).to_owned(),
            status: SubAccountStatus::Active,
            profile: self.one_in(2).then(|| Secret::new(b"{}".to_vec())),
            assets: super::assets().to_vec(),
            reference: self.one_in(2).then(|| (self.name(shop), Repeats::Replay)),
        }
    }

    pub fn family(&mut self, shop: &Shop) -> What {
        let asset = self.pick(&super::assets());
        let places = [0, 1].map(|_| match self.index(5) {
            0 => Place::Outside,
            1 | 2 => Place::Banking(self.member(shop)),
            _ => Place::Issuing(self.member(shop)),
        });
        What::Family(FamilyTransfer {
            from: places[0],
            to: places[1],
            amount: self.amount(asset),
            fee: self.one_in(3).then(|| self.amount(asset)),
            remark: self.remark(),
            also: Vec::new(),
            reference: self.one_in(2).then(|| (self.name(shop), Repeats::Replay)),
        })
    }

    pub fn ask(&mut self, shop: &Shop) -> What {
        What::Ask(match self.index(12) {
            8..11 => Ask::Member(self.new_member(shop)),
            11 => {
                let active = SubAccountStatus::Active;
                let status = [active, active, self.pick(SubAccountStatus::ALL)];
                Ask::Standing(self.member(shop), self.pick(&status))
            }
            0..3 => {
                let name = self.pick(&NAMES);
                let own = Person {
                    phone_number: secret(name),
                    document_kind: DocumentKind::Passport,
                    document_number: secret(name),
                    ..self.person()
                };
                Ask::Register(RegisterCardholder {
                    unique_number: Some(name.to_owned()),
                    person: own,
                    status: CardholderStatus::Approved,
                    assets: super::assets().to_vec(),
                })
            }
            3..5 => {
                let name = self.pick(&NAMES);
                let mut person = self.person();
                // Of the few numbers, most are somebody else's by and by.
                if !self.one_in(4) {
                    person.phone_number = secret(name);
                    person.document_number = secret(&self.index(1_000_000).to_string());
                }
                Ask::Identity(name, person)
            }
            5 => Ask::Key(AddSignatureKey {
                credential: self.pick(&[shop.credential, CredentialId::from_bytes([7; 16])]),
                usage: SignatureUse::Sign,
                pem: secret(self.pick(&[demo::APP, demo::PLATFORM, "no key"])),
            }),
            6 => Ask::Key(AddSignatureKey {
                credential: shop.credential,
                usage: SignatureUse::Verify,
                pem: public(self.pick(&[demo::APP, demo::PLATFORM])),
            }),
            _ => Ask::Retire(match shop.keys.as_slice() {
                keys @ [_, ..] => self.pick(keys),
                [] => SignatureKeyId::from_bytes([7; 16]),
            }),
        })
    }
}

fn public(pem: &str) -> Secret<String> {
    let key = SigningKey::from_pem(&secret(pem)).expect("demo keys are keys");
    Secret::new(key.public().to_pem())
}
