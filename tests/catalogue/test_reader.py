"""Files as they come from other programs, and what a right catalogue looks like once it is read."""

import csv
import os
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterhouse.catalogue import Catalogue, CatalogueError, read_catalogue

HEADER = b"customer_id,name\n"


def read(folder: Path, **files: bytes | str) -> Catalogue:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return read_catalogue(folder, {"calls": ("model", "user")})


def refusal(folder: Path, **files: bytes | str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        read(folder, **files)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_an_empty_folder_is_a_catalogue_without_rows(tmp_path: Path) -> None:
    assert set(map(len, read(tmp_path).tables.values())) == {0}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(tmp_path / "seeds", {})
    assert str(caught.value) == f"{tmp_path}/seeds: there is no such folder; a catalogue is a folder of CSV files"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfcustomer_id,name\nacme,Z\xc3\xbcrich\n",
        b"customer_id,name\r\nacme,Z\xc3\xbcrich\r\n",
        b"customer_id,name\racme,Z\xc3\xbcrich",
        b" customer_id , name \nacme , Z\xc3\xbcrich ",
        b'\n"customer_id","name"\n\n,\n"acme","Z\xc3\xbcrich"\n\n',
    ],
    ids=["byte order mark", "CRLF", "CR and no end", "blanks around cells", "blank lines and quotes"],
)
def test_files_of_other_programs(tmp_path: Path, content: bytes) -> None:
    (row,) = read(tmp_path, customers=content).tables["customers"]
    assert row == {"customer_id": "acme", "name": "Zürich", "email": None, "timezone": "UTC"}


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    assert refusal(tmp_path, customers=HEADER + b"acme,Acme\nglobex,Z\xfcrich\n") == [
        "customers.csv:3: the byte 0xFC is not UTF-8; save the file as UTF-8"
    ]


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").mkdir()
    assert refusal(tmp_path) == ["customers.csv: cannot be read: Is a directory"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").touch(mode=0o000)
    assert refusal(tmp_path) == ["customers.csv: cannot be read: Permission denied"]


def test_a_cell_of_several_lines_counts_them(tmp_path: Path) -> None:
    text = 'customer_id,name\nacme,"one\ntwo"\nglobex,Globex,\n'
    assert refusal(tmp_path, customers=text) == [
        'customers.csv:2: name "one\N{REPLACEMENT CHARACTER}two" has the control character U+000A; remove it',
        "customers.csv:4: the row has 3 cells, the header 2; put a cell that holds a comma in double quotes, "
        "and double the quotes inside it",
    ]


def test_faults_of_all_files_come_in_one_list_by_file_and_line(tmp_path: Path) -> None:
    customers = "customer_id,timezone\n" + "".join(f"c{number},Mars\n" for number in range(9, 20))
    found = refusal(tmp_path, customers=customers, rate_cards="rate_card_id,currency\nmain,xxx\n", zzz="")
    places = [(line.split(":")[0], int(line.split(":")[1]) if line.split(":")[1].isdigit() else 0) for line in found]
    assert len(places) == 13
    assert places == sorted(places)


def test_a_long_value_is_cut_in_the_message(tmp_path: Path) -> None:
    (message,) = refusal(tmp_path, customers=f"customer_id,timezone\nacme,{'x' * 5000}\n")
    assert len(message) < 200


def test_defaults_and_canonical_values(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        customers="customer_id\nacme\n",
        pricing_units="pricing_unit\nJPY\n",
        rate_cards="rate_card_id,currency\nmain,EUR\n",
        products='product_id,type,metric,pricing_group_keys,rounding\napi,usage,calls,"[ ""user"", ""model"" ]",up\n',
        rates="rate_id,rate_card_id,product_id,starting_at,unit_price,pricing_group_values\n"
        'r,main,api,2026-01-01T00:00:00+05:00,+1.50e-6,"{""user"":""ü"", ""model"":""\\u00e4""}"\n',
        contracts="contract_id,customer_id,rate_card_id,starting_at\nc,acme,main,2026-01-01\n",
        commits="commit_id,customer_id,type\nk,acme,prepaid\n",
        commit_segments="segment_id,commit_id,amount,starting_at\ns,k,1e2,2026-01-01\n",
        commit_invoice_items="commit_id,invoice_at,unit_price\nk,2026-01-01T00:00:00.250Z,-0.0\n",
    )
    rows = {name: rows[0] for name, rows in catalogue.tables.items() if rows}
    assert rows["pricing_units"] == {"pricing_unit": "jpy", "name": "jpy", "is_currency": "true", "decimal_places": "0"}
    assert rows["products"]["pricing_group_keys"] == '["model","user"]'
    assert rows["products"]["rounding_decimal_places"] == "0"
    assert rows["rates"]["starting_at"] == "2025-12-31T19:00:00Z"
    assert rows["rates"]["unit_price"] == "0.0000015"
    assert rows["rates"]["pricing_unit"] == "eur"
    assert rows["rates"]["pricing_group_values"] == '{"model":"ä","user":"ü"}'
    assert rows["contracts"]["billing_anchor"] == "first_of_month"
    assert rows["contracts"]["grace_period_hours"] == "24"
    assert (rows["commits"]["name"], rows["commits"]["pricing_unit"]) == ("k", "eur")
    assert rows["commit_segments"]["amount"] == "100"
    assert rows["commit_invoice_items"] == {
        "commit_id": "k", "invoice_at": "2026-01-01T00:00:00.250000Z", "quantity": "1", "unit_price": "0", "pricing_unit": "eur",
    }  # fmt: skip


CASES = Path(__file__).parent / "cases"
RIGHT_CATALOGUES = ["base", "rate_types", "overrides", "subscriptions", "agreements"]
NASTY = [
    *(
        "",
        "-1",
        "volume",
        "entitlement",
        "subscription",
        "k1",
        "seats",
        "user",
        "model",
        "1e999",
        "nan",
        "1" * 5000,
        "1",
        "2",
        "true",
        "tiered",
        "commit",
        "usd",
    ),
    *("[]", "{}", '["a"]', '{"a":"b"}', "[[1]]", "[1e99999]", "[" * 5000, "\x00", "\ud83d"),
    *("0001-01-01", "2026-01-01", "2026-07-01", "9999-12-31T23:00:00-23:59", "c1", "r1", "acme", "chat"),
]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_written_ends_as_a_catalogue_or_as_faults(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("catalogue")
    right = data.draw(st.sampled_from(RIGHT_CATALOGUES))
    files = {path.name: path for name in ("base", right) for path in sorted((CASES / name).glob("*.csv"))}
    for path in files.values():
        rows = list(csv.reader(StringIO(path.read_text())))
        for row in rows[1:]:
            for index in range(len(row)):
                if data.draw(st.integers(0, 9)) == 0:
                    row[index] = data.draw(st.sampled_from(NASTY) | st.text(max_size=5))
        text = StringIO()
        csv.writer(text).writerows(rows)
        (folder / path.name).write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    try:
        read_catalogue(folder, {"calls": (), "tokens": ("model", "user")})
    except CatalogueError as error:
        assert error.faults
        assert all(fault.path.parent == folder and fault.line > 1 for fault in error.faults)


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "customers.csv").write_bytes(HEADER + content)
    try:
        read_catalogue(folder, {})
    except CatalogueError as error:
        assert {fault.path.name for fault in error.faults} == {"customers.csv"}
