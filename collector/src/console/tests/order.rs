//! Lists in the order that their heads ask for.

use super::*;

/// Whether the first of two texts stands before the second on a page that has both.
fn before(page: &Page, one: &str, other: &str) -> bool {
    let at = |text: &str| {
        page.body
            .find(text)
            .unwrap_or_else(|| panic!("{text} in {}", page.body))
    };
    at(one) < at(other)
}

#[tokio::test]
async fn a_list_its_heads_its_filter_and_its_download_share_one_order() {
    let house = House::new();
    house.device_with_finding("b.docx").await;
    house.device_with_finding("a.docx").await;
    let officer = house.session(Role::SecurityOfficer).await;
    let get = async |path: &str| house.get(path, Some(officer.text())).await;
    let page = get("/findings?state=open&sort=file").await;
    assert!(before(&page, "a.docx", "b.docx"));
    let turned = "/findings?state=open&amp;sort=file&amp;direction=descending";
    let head = format!("<th scope=\"col\" aria-sort=\"ascending\"><a href=\"{turned}\">File</a></th>");
    assert!(page.body.contains(&head), "{}", page.body);
    assert!(
        page.body
            .contains("<input type=\"hidden\" name=\"sort\" value=\"file\">")
    );
    let query = "?state=open&sort=file&direction=descending";
    assert!(before(&get(&format!("/findings{query}")).await, "b.docx", "a.docx"));
    let table = get(&format!("/findings.csv{query}")).await;
    assert!(before(&table, "b.docx", "a.docx"));
    assert!(before(&get("/findings.csv?sort=file").await, "a.docx", "b.docx"));
}

#[tokio::test]
async fn people_are_ordered_by_what_stands_in_their_columns() {
    let house = House::new();
    for (name, role) in [("zoe", Role::Administrator), ("Ann", Role::Auditor)] {
        let user = NewUser {
            name: name.to_owned(),
            role,
            groups: Vec::new(),
            entry: Entry::Later,
        };
        house.store.add_user(user, By::command_line()).await.unwrap();
    }
    let administrator = house.session(Role::Administrator).await;
    let get = async |path: &str| house.get(path, Some(administrator.text())).await;
    assert!(before(&get("/people").await, ">Ann<", ">zoe<"));
    assert!(before(
        &get("/people?sort=name&direction=descending").await,
        ">zoe<",
        ">Ann<"
    ));
    assert!(before(&get("/people?sort=role").await, ">zoe<", ">Ann<"));
}
