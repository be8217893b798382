//! `vostro credential …`

use super::call::Call;
use super::print::View;
use super::{After, Of, Plan};
use clap::{Args, Subcommand};
use serde_json::Value;

#[derive(Subcommand, Debug)]
pub enum Credential {
    /// Make one. Its key, and its secret where the door has one, are printed now and never again.
    Create(Create),
    /// List them.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        page: After,
    },
    /// Show one.
    Show(One),
    /// Refuse it until it is enabled again.
    Disable(One),
    /// Serve it again. Its old tokens stay invalid.
    Enable(One),
    /// Refuse it for ever.
    Revoke(One),
    /// Set the addresses that it may call from.
    Allow(Allow),
    /// Set or take away its end.
    Expire(Expire),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The credential's id.
    #[arg(long, value_name = "ID")]
    credential: String,
}

/// `*`, `none` or ranges.
#[derive(Args, Debug)]
pub struct Ranges {
    /// A range of addresses, such as 203.0.113.0/24; may be given several times or with commas
    /// between. `*` is everybody, `none` is nobody.
    #[arg(long, value_name = "RANGE", required = true, value_delimiter = ',')]
    allow: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// The door that it opens.
    #[arg(long)]
    door: String,
    /// For people.
    #[arg(long)]
    label: Option<String>,
    #[command(flatten)]
    ranges: Ranges,
    /// When it ends, such as 2030-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
}

#[derive(Args, Debug)]
pub struct Allow {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    ranges: Ranges,
}

#[derive(Args, Debug)]
pub struct Expire {
    #[command(flatten)]
    one: One,
    /// When it ends, such as 2030-01-01T00:00:00Z, or `never`.
    #[arg(long, value_name = "TIME")]
    at: String,
}

const ONE: View = View::One {
    first: &["id", "api_key", "api_secret", "door", "label", "status", "allow", "expires_at"],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "door", "label", "status", "allow", "expires_at", "created_at"],
    next: "--after",
};

impl Credential {
    pub(super) fn plan(self) -> Plan {
        let one = |call| Plan { call, view: ONE };
        match self {
            Self::Create(create) => one(create.call()),
            Self::List { of, page } => {
                let call = Call::get(&["programs", &of.program, "credentials"]).after(page);
                Plan { call, view: LIST }
            }
            Self::Show(which) => one(Call::get(&which.parts())),
            Self::Disable(which) => one(which.status("disabled")),
            Self::Enable(which) => one(which.status("enabled")),
            Self::Revoke(which) => one(which.status("revoked")),
            Self::Allow(allow) => {
                one(Call::patch(&allow.one.parts()).field("allow", allow.ranges.value()))
            }
            Self::Expire(expire) => {
                one(Call::patch(&expire.one.parts()).field("expires_at", expire.at))
            }
        }
    }
}

impl Create {
    fn call(self) -> Call {
        Call::post(&["programs", &self.of.program, "credentials"])
            .field("door", self.door)
            .field("allow", self.ranges.value())
            .optional("label", self.label)
            .optional("expires_at", self.expires_at)
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "credentials", &self.credential]
    }

    fn status(&self, status: &str) -> Call {
        Call::patch(&self.parts()).field("status", status)
    }
}

impl Ranges {
    fn value(self) -> Value {
        match self.allow.iter().map(|range| range.trim()).collect::<Vec<_>>()[..] {
            ["*"] => Value::from("*"),
            ["none"] => Value::Array(Vec::new()),
            ref ranges => Value::from(ranges),
        }
    }
}
