//! PostgreSQL gives each column back as it was written.

use super::drawn::{codes, emails, moments, numbers, texts, websites};
use crate::support::{connect, servers};
use letopis_events::{
    Actor, Attribute, Attributes, ClientId, Code, ContactId, Day, Email, EmployeeId, Moment, Position, Text,
    Website,
};
use letopis_projections::engine::{Column, Json};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use tokio_postgres::Client;
use uuid::Uuid;

/// Writes the values as the engine writes them, and reads them as it reads them.
async fn come_back<T: Column + Debug>(client: &Client, values: &[T]) {
    let texts: Vec<Option<String>> = values.iter().map(T::write).collect();
    let sql =
        format!("select t::{}::text from unnest($1::text[]) with ordinality u(t, n) order by n", T::SQL);
    let rows = client.query(&sql, &[&texts]).await.unwrap();
    for (row, value) in rows.iter().zip(values) {
        assert_eq!(&T::read(row.get(0)).unwrap(), value);
    }
    assert_eq!((rows.len(), values.is_empty()), (values.len(), false));
}

fn read<T: DeserializeOwned>(texts: &[String]) -> Vec<T> {
    texts.iter().map(|text| serde_json::from_value(json!(text)).unwrap()).collect()
}

#[tokio::test]
async fn postgresql_gives_each_column_back_as_it_was_written() {
    let client = connect(&format!("{}/postgres", servers().postgres)).await;
    client.batch_execute("set timezone = 'UTC'; set datestyle = 'ISO'").await.unwrap();
    come_back(&client, &texts(20_000)).await;
    come_back::<Text<20_000>>(&client, &read(&texts(20_000))).await;
    come_back::<Email>(&client, &read(&emails())).await;
    come_back::<Website>(&client, &read(&websites(2_000))).await;
    let codes: Vec<Code> = read(&codes());
    come_back(&client, &codes).await;
    come_back(&client, &[vec![], codes[..1].to_vec(), codes.clone()]).await;
    let actors = codes.iter().map(|code| Actor::Agent(code.to_string()));
    come_back(&client, &actors.collect::<Vec<_>>()).await;
    let ids = [0, 1, u128::MAX].map(Uuid::from_u128);
    come_back(&client, &ids).await;
    come_back(&client, &[vec![], ids.map(ClientId).to_vec()]).await;
    come_back(&client, &[vec![], ids.map(EmployeeId).to_vec()]).await;
    come_back(&client, &[vec![], ids.map(ContactId).to_vec()]).await;
    let moments: Vec<Moment> = read(&moments());
    come_back(&client, &moments).await;
    come_back(&client, &moments.iter().map(|moment| moment.utc()).collect::<Vec<_>>()).await;
    come_back::<Day>(&client, &moments.iter().map(|moment| moment.day()).collect::<Vec<_>>()).await;
    come_back(&client, &[i64::MIN, 0, i64::MAX]).await;
    come_back(&client, &[Position(i64::MIN), Position(i64::MAX)]).await;
    come_back(&client, &[0, u32::MAX]).await;
    come_back(&client, &[false, true]).await;
    come_back(&client, &[None, Some(true)]).await;
    let numbers = numbers().into_iter().map(|number| serde_json::from_value(number).unwrap());
    let texts = read(&texts(1_000)).into_iter().map(Attribute::Text);
    let fields = |values: Vec<Attribute>| -> Attributes { codes.iter().cloned().zip(values).collect() };
    let free: Vec<_> = numbers.chain(texts).map(|value| Json(fields(vec![value; 5]))).collect();
    come_back(&client, &free).await;
    come_back(&client, &[Json(Value::Null), Json(json!({"": [{}, [], null, "\u{1}"]}))]).await;
}
