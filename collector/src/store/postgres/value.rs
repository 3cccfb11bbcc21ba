//! How the protocol's types look in PostgreSQL.

use std::error::Error;
use std::str::FromStr;

use bytes::BytesMut;
use jiff::Timestamp;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

type Written = Result<IsNull, Box<dyn Error + Sync + Send>>;
type Read<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// A time, in microseconds.
#[derive(Debug)]
pub(super) struct At(pub Timestamp);

impl ToSql for At {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        self.0.as_microsecond().to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <i64 as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for At {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Read<Self> {
        Ok(Self(Timestamp::from_microsecond(i64::from_sql(ty, raw)?)?))
    }

    fn accepts(ty: &Type) -> bool {
        <i64 as FromSql>::accepts(ty)
    }
}

/// An id.
#[derive(Debug)]
pub(super) struct Id(pub Uuid);

impl ToSql for Id {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <Uuid as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Id {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Read<Self> {
        Uuid::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        <Uuid as FromSql>::accepts(ty)
    }
}

/// A hash, or a secret of the same length.
#[derive(Debug)]
pub(super) struct Hash(pub [u8; 32]);

impl ToSql for Hash {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        self.0.as_slice().to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <&[u8] as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Hash {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Read<Self> {
        Ok(Self(<&[u8]>::from_sql(ty, raw)?.try_into()?))
    }

    fn accepts(ty: &Type) -> bool {
        <&[u8] as FromSql>::accepts(ty)
    }
}

/// One of a list of words.
#[derive(Debug)]
pub(super) struct Word<T>(pub T);

impl<T: ToString + std::fmt::Debug> ToSql for Word<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        self.0.to_string().to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <String as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a, T: FromStr<Err: Error + Send + Sync + 'static>> FromSql<'a> for Word<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Read<Self> {
        Ok(Self(<&str>::from_sql(ty, raw)?.parse()?))
    }

    fn accepts(ty: &Type) -> bool {
        <&str as FromSql>::accepts(ty)
    }
}

/// Something written as JSON, byte by byte as it was given.
#[derive(Debug)]
pub(super) struct Json<T>(pub T);

impl<T: Serialize + std::fmt::Debug> ToSql for Json<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        serde_json::to_string(&self.0)?.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <String as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a, T: DeserializeOwned> FromSql<'a> for Json<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Read<Self> {
        Ok(Self(serde_json::from_str(<&str>::from_sql(ty, raw)?)?))
    }

    fn accepts(ty: &Type) -> bool {
        <&str as FromSql>::accepts(ty)
    }
}

/// A text as the database can keep it: what a device sends may hold zero characters.
pub(super) fn clean(mut text: String) -> String {
    text.retain(|c| c != '\0');
    text
}
