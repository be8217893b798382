#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "bench"
)]
use domain::account::*;
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::*;
use domain::chain;
use domain::credential::*;
use domain::event::*;
use domain::id::*;
use domain::instruction::*;
use domain::money::*;
use domain::program::*;
use domain::reference::*;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::*;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use store::*;
use store_sqlite::*;

fn now<F: Future>(f: F) -> F::Output {
    let mut f = pin!(f);
    match f.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        Poll::Pending => panic!("pending"),
    }
}
const P: ProgramId = ProgramId::from_bytes([7; 16]);
fn asset() -> Asset {
    Asset::find("TUSDT").unwrap()
}
fn holder(i: u64) -> CardholderId {
    let mut b = [0u8; 16];
    let h = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    b[..8].copy_from_slice(&h.to_be_bytes());
    b[8..].copy_from_slice(&i.to_be_bytes());
    CardholderId::from_bytes(b)
}
fn wallet(i: u64) -> AccountKey {
    AccountKey::wallet(P, holder(i), asset())
}
const CRED: CredentialId = CredentialId::from_bytes([9; 16]);

struct Setup {
    ids: Vec<u64>,
    first: bool,
}
impl Unit for Setup {
    fn program(&self) -> ProgramId {
        P
    }
    fn reads(&self, w: &mut Wants<'_>) {
        if self.first {
            w.want::<Settings>((), Lock::Exclusive);
            w.want::<Account>(
                AccountKey::own(P, AccountKind::Reserve, asset()).id(),
                Lock::Exclusive,
            );
        }
        for i in &self.ids {
            w.want::<Cardholder>(holder(*i), Lock::Exclusive);
            w.want::<Account>(wallet(*i).id(), Lock::Exclusive);
        }
    }
    fn run(&mut self, s: &mut Scope<'_>, last: Time) -> Verdict {
        if self.first {
            s.add(Settings {
                program: P,
                status: ProgramStatus::Active,
                environment: Environment::Sandbox,
                mode: Mode::Credit,
                duplicate: DuplicatePolicy::Replay,
                version: 1,
                created_at: last,
            });
            s.add(Credential {
                id: CRED,
                program: P,
                door: "d".into(),
                label: "l".into(),
                key: DirectoryKey::from_bytes([1; 16]),
                sealed_secret: vec![0; 60],
                status: CredentialStatus::Enabled,
                allow: AllowList::Any,
                expires_at: None,
                version: 1,
                created_at: last,
            });
            s.add(Account::open(AccountKey::own(P, AccountKind::Reserve, asset()), None, last));
        }
        for i in &self.ids {
            s.add(Cardholder {
                id: holder(*i),
                program: P,
                number: format!("U{i:012}"),
                unique_number: None,
                status: CardholderStatus::Approved,
                version: 1,
                created_at: last,
            });
            s.add(Account::open(wallet(*i), Some(-1_000_000_000), last));
        }
        let place = s.place();
        let mut st = Stamp::new(Time::from_unix_us(1), self.ids.first().copied().unwrap_or(0));
        s.append(Event {
            id: EventId::from_bytes(st.id()),
            program: P,
            place,
            kind: EventKind::ProgramCreated,
            subject: [0; 16],
            at: s.at(),
        });
        Verdict::Applied
    }
    fn answer(self: Box<Self>, _: Result<(), Failed>) {}
}
struct Move {
    n: u64,
    a: AccountId,
    b: AccountId,
    h: CardholderId,
    key: ReferenceKey,
}
impl Unit for Move {
    fn program(&self) -> ProgramId {
        P
    }
    fn reads(&self, w: &mut Wants<'_>) {
        w.want::<Reference>(self.key, Lock::Exclusive);
        w.want::<Settings>((), Lock::Shared);
        w.want::<Credential>(CRED, Lock::Shared);
        w.want::<Cardholder>(self.h, Lock::Shared);
        w.want::<Account>(self.a, Lock::Exclusive);
        w.want::<Account>(self.b, Lock::Exclusive);
    }
    fn run(&mut self, s: &mut Scope<'_>, last: Time) -> Verdict {
        let clock = Time::from_unix_us(1_716_307_200_000_000 + i64::try_from(self.n).unwrap() * 50);
        let mut st = Stamp::new(clock, self.n.wrapping_mul(0xD134_2543_DE82_EF95));
        assert!(
            s.get::<Reference>(self.key).is_none()
                && s.get::<Settings>(()).is_some()
                && s.get::<Credential>(CRED).is_some()
                && s.get::<Cardholder>(self.h).is_some()
        );
        s.record_at(clock.max(last));
        let at = s.at();
        let (d, c) = (*s.get::<Account>(self.a).unwrap(), *s.get::<Account>(self.b).unwrap());
        let amount = Amount::new(Money::new(100, asset())).unwrap();
        let iid = InstructionId::from_bytes(st.id());
        let place = s.place();
        let draft = Draft {
            id: TransferId::from_bytes(st.id()),
            place: s.place(),
            link: None,
            cause: Cause::Instruction(iid),
            conversion: None,
            at,
        };
        let mut m = post(draft, &d, &c, amount).unwrap();
        let ins = Instruction {
            id: iid,
            program: P,
            place,
            kind: InstructionKind::Load,
            outcome: Outcome::Completed,
            amount,
            account: self.b,
            counterparty: Some(self.a),
            cardholder: Some(self.h),
            before_minor: 0,
            after_minor: 100,
            reference: Some(self.key),
            undoes: None,
            remark: String::new(),
            transfers: 1,
            at,
        };
        let rf = Reference {
            key: self.key,
            program: P,
            place: s.place(),
            scope: "door/transfer".into(),
            text: format!("TRANSFER_{:015}", self.n),
            fingerprint: [3; 32],
            instruction: Some(iid),
            answer: vec![1; 40],
            at,
        };
        let td = chain::transfer_digest(&m.transfer);
        let id = chain::instruction_digest(&ins, Some(&rf));
        let h0 = chain::entry_hash(d.head, &m.entries[0], td, id);
        let h1 = chain::entry_hash(c.head, &m.entries[1], td, id);
        m.entries[0].hash = h0;
        m.entries[1].hash = h1;
        m.debit.head = h0;
        m.credit.head = h1;
        s.put(m.debit);
        s.put(m.credit);
        s.append(ins);
        s.append(m.transfer);
        for e in m.entries {
            s.append(e);
        }
        s.add(rf);
        let place = s.place();
        s.append(Event {
            id: EventId::from_bytes(st.id()),
            program: P,
            place,
            kind: EventKind::InstructionCompleted,
            subject: *iid.bytes(),
            at,
        });
        Verdict::Applied
    }
    fn answer(self: Box<Self>, _: Result<(), Failed>) {}
}
fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1e3
}
struct Rng(u64);
impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let accounts: u64 = args[1].parse().unwrap();
    let fill: u64 = args[2].parse().unwrap();
    let secs: f64 = args[3].parse().unwrap();
    let hot = args.get(4).is_some_and(|a| a == "hot");
    let dir = tempfile::tempdir_in("/tmp").unwrap();
    let store = SqliteStore::open(&dir.path().join("v.db"), Options::default()).unwrap();
    let mut w = now(store.writer()).unwrap();
    for (k, chunk) in (0..accounts).collect::<Vec<_>>().chunks(1000).enumerate() {
        let mut u: Vec<Box<dyn Unit>> =
            vec![Box::new(Setup { ids: chunk.to_vec(), first: k == 0 })];
        now(w.commit(&mut u)).unwrap();
    }
    let reserve = AccountKey::own(P, AccountKind::Reserve, asset()).id();
    let mut rng = Rng(88_172_645_463_325_252);
    let mut n = 0u64;
    let make = |rng: &mut Rng, n: &mut u64, size: u64| -> Vec<Box<dyn Unit>> {
        (0..size)
            .map(|_| {
                *n += 1;
                let i = rng.next() % accounts;
                let j = (i + 1 + rng.next() % (accounts - 1)) % accounts;
                let mut k = [0u8; 16];
                k[..8].copy_from_slice(&rng.next().to_be_bytes());
                k[8..].copy_from_slice(&n.to_be_bytes());
                Box::new(Move {
                    n: *n,
                    a: if hot { reserve } else { wallet(j).id() },
                    b: wallet(i).id(),
                    h: holder(i),
                    key: ReferenceKey::from_bytes(k),
                }) as Box<dyn Unit>
            })
            .collect()
    };
    let t = Instant::now();
    while n < fill {
        let mut u = make(&mut rng, &mut n, 256);
        now(w.commit(&mut u)).unwrap();
    }
    println!("filled {n} in {:.1}s", t.elapsed().as_secs_f64());
    if secs == 0.0 {
        return;
    }
    for size in [1u64, 16, 32, 64, 256] {
        let t = Instant::now();
        let start = n;
        let mut lat = vec![];
        let mut prep = 0.0;
        let mut used = 0.0;
        while t.elapsed().as_secs_f64() < secs {
            let p = Instant::now();
            let mut u = make(&mut rng, &mut n, size);
            prep += p.elapsed().as_secs_f64();
            let b = Instant::now();
            let c0 = cpu();
            now(w.commit(&mut u)).unwrap();
            used += cpu() - c0;
            lat.push(b.elapsed().as_secs_f64() * 1e3);
        }
        lat.sort_by(f64::total_cmp);
        let done = (n - start) as f64;
        let s = t.elapsed().as_secs_f64() - prep;
        println!(
            "batch {size:4}: {:8.0}/s  {:6.1}us/t cpu {:5.1}us/t p50 {:.3} p99 {:.3} max {:.1} ms",
            done / s,
            s * 1e6 / done,
            used / done,
            lat[lat.len() / 2],
            lat[lat.len() * 99 / 100],
            lat[lat.len() - 1]
        );
    }
    if let Some(k) = args.get(5) {
        drop(w);
        drop(store);
        std::fs::copy(dir.path().join("v.db"), k).unwrap();
        return;
    }
    for f in std::fs::read_dir(dir.path()).unwrap() {
        let f = f.unwrap();
        println!(
            "{:?} {:.1} MB ({:.0} B/t)",
            f.file_name(),
            f.metadata().unwrap().len() as f64 / 1e6,
            f.metadata().unwrap().len() as f64 / n as f64
        );
    }
}
