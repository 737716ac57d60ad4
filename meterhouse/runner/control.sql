-- What a step is told, and what earlier steps left behind. Rows bear the step that wrote them: a step that did not
-- pass its tests is undone by deleting its rows (control.py).
create schema if not exists control;
create schema if not exists raw;

create table if not exists control.steps (
    step_id bigint primary key,
    as_of timestamp with time zone not null,
    is_plain boolean not null,
    passed boolean not null
);

-- One row: the step at work.
create table if not exists control.run (
    step_id bigint not null,
    as_of timestamp with time zone not null,
    previous_as_of timestamp with time zone,
    rebuilds_all boolean not null,
    finalizes boolean not null
);

create table if not exists control.event_files (
    file_id bigint primary key,
    path varchar not null,
    size_bytes bigint not null,
    modified_ns bigint not null,
    content_hash varchar not null,
    read_path varchar not null,
    layout varchar not null,
    row_count bigint not null,
    last_arrival_at timestamp with time zone,
    step_id bigint not null
);

create table if not exists control.finalized_invoices (
    invoice_id varchar not null,
    fingerprint varchar not null,
    step_id bigint not null
);

create table if not exists control.finalized_draws (
    invoice_id varchar not null,
    segment_id varchar not null,
    amount decimal(38, 24) not null,
    step_id bigint not null
);

create table if not exists control.finalized_charges (
    charge_id varchar not null,
    charge_invoice_id varchar not null,
    invoice_id varchar not null,
    step_id bigint not null
);

-- Hours of marts whose rows a step changed, as far as they are not published yet; a table * stands for all hours
-- of all marts. Marts that are published in parts are here (parts.py).
create table if not exists control.written_hours (
    table_name varchar not null,
    hour_start_at timestamp with time zone,
    step_id bigint not null
);

-- One row: the publication that shows the rows of all steps up to this one.
create table if not exists control.published (
    publication_id varchar not null,
    step_id bigint not null
);

-- What the rows were built from: catalogue, metrics, models.
create table if not exists control.fingerprints (
    name varchar not null,
    fingerprint varchar not null,
    step_id bigint not null
);
