"""A medical institution's day in the industry forum, through plain grpcio.

    python institution.py [ADDRESS]   the address of `kiban serve`, by default 127.0.0.1:50051

A hospital joins under a supply contract, and its cases become part of a dataset. It is invited to recruit patients
for a study, says yes, reports how many patients it has contacted, enrols two of them under pseudonyms, and reads on
its page what was done with its data and what it has earned. Who everybody else is, is played by the first part.
Run it as often as you like: each run is another hospital.
"""

import random
import sys

import forum
import stubs
from forum import access, common, must_refuse

recruitment = stubs.context("recruitment")
revenue_share = stubs.context("revenue_share")

# The hospital's part of the dataset.
OWN_CASES, OTHER_CASES = 120, 80


# --- Part one: everybody else --------------------------------------------------------------------------------


def release_dataset(there, hospital):
    """The base operator releases a dataset to which the hospital has contributed."""
    digits = forum.random_digits(8)
    dataset = access.RegisterDatasetRequest(
        command_id=f"python-dataset-{digits}",
        code=f"PYTHON-{digits}",
        name="Lung adenocarcinoma, two hospitals",
        dataset_class="wgs",
        disease="lung adenocarcinoma",
        cohort=access.COHORT_CASE,
        data_types=[access.DATA_TYPE_TUMOUR],
        reference="https://data.example/two-hospitals",
    )
    dataset_id = there.base(access.AccessServiceStub, "RegisterDataset", dataset).dataset_id
    of = lambda institution, cases: access.InstitutionCases(institution_id=institution.organisation, cases=cases)
    freeze = access.ReleaseFreezeRequest(
        command_id=f"python-freeze-{digits}",
        dataset_id=dataset_id,
        composition=[of(hospital, OWN_CASES), of(there.hospital, OTHER_CASES)],
    )
    there.base(access.AccessServiceStub, "ReleaseFreeze", freeze)
    return dataset_id


def criteria():
    """Whom the study seeks: adults with lung adenocarcinoma and a variant in EGFR who had no osimertinib."""
    code = lambda system, code, label: recruitment.Code(system=system, code=code, label=label)
    node = recruitment.Criterion
    treated = code(recruitment.CODE_SYSTEM_ATC, "L01EB04", "osimertinib")
    parts = [
        node(diagnosis=code(recruitment.CODE_SYSTEM_ICD_O_3, "8140/3", "adenocarcinoma")),
        node(diagnosis=code(recruitment.CODE_SYSTEM_ICD_O_3, "C34.1", "upper lobe, lung")),
        node(age=recruitment.AgeRange(min=20)),
        node(variant=recruitment.Variant(gene="EGFR")),
        # "not" is a keyword of Python, so it can only be given by its name.
        node(**{"not": node(prior_therapy=treated)}),
    ]
    return node(all=recruitment.CriterionList(criteria=parts))


def ask_and_approve(there, pharma, contract_id):
    """The company asks for two patients; the promoter carries it out, so the base operator decides."""
    stub = recruitment.RecruitmentServiceStub
    request = recruitment.RequestRecruitmentRequest(
        command_id="recruit",
        contract_id=contract_id,
        executor_id=there.promoter.organisation,
        study_title="EGFR-mutant lung adenocarcinoma, phase II",
        participants_wanted=2,
        criteria=criteria(),
    )
    asked = pharma(stub, "RequestRecruitment", request)
    assert not asked.triage_by_person, "the criteria hang on a diagnosis"
    approve = recruitment.ApproveRecruitmentRequest(
        command_id=f"approve-{asked.recruitment_id}",
        recruitment_id=asked.recruitment_id,
        ethics_approval="2026-IRB-021",
        valid_until=forum.in_days(180),
    )
    there.base(stub, "ApproveRecruitment", approve)
    return asked.recruitment_id


def invite(there, recruitment_id, hospital, supply_contract_id):
    """The promoter invites the hospital under its supply contract."""
    request = recruitment.InviteInstitutionRequest(
        command_id=f"invite-{hospital.organisation}",
        recruitment_id=recruitment_id,
        institution_id=hospital.organisation,
        supply_contract_id=supply_contract_id,
    )
    there.promoter(recruitment.RecruitmentServiceStub, "InviteInstitution", request)


# --- Part two: the hospital ----------------------------------------------------------------------------------


def main(channel):
    there = forum.set_up(channel)
    hospital = forum.newcomer(channel, "Hospital", "medical institution", "contracts,finance")
    supply_contract_id = forum.conclude(there, hospital, "supply", ["patient-recruitment"])
    print(f"we are {hospital.organisation}, under supply contract {supply_contract_id}")
    dataset_id = release_dataset(there, hospital)
    pharma = forum.newcomer(channel, "Pharma", "member")
    contract_id = forum.conclude(there, pharma)
    recruitment_id = ask_and_approve(there, pharma, contract_id)

    must_refuse(
        "looking at a request to which nobody has invited us:", lambda: look(hospital, recruitment_id)
    )
    invite(there, recruitment_id, hospital, supply_contract_id)
    print_request(look(hospital, recruitment_id))
    recruit(hospital, recruitment_id)
    print_result(look(hospital, recruitment_id), look(pharma, recruitment_id))
    # The company analyses cases of the dataset.
    position = forum.analyse(pharma, contract_id, dataset_id, cases=60).receipt.position
    print_page(hospital, position)


def look(caller, recruitment_id):
    """The recruitment, as far as the caller may see it."""
    ask = recruitment.GetRecruitmentRequest(recruitment_id=recruitment_id)
    return caller(recruitment.RecruitmentServiceStub, "GetRecruitment", ask).recruitment


def print_request(found):
    stage = recruitment.RecruitmentStage.Name(found.stage).removeprefix("RECRUITMENT_STAGE_").lower()
    print(f"invited: {found.study_title}, {found.participants_wanted} participants wanted, {stage}")
    print(f"  ethics approval {found.ethics_approval}, until {found.approval_valid_until.ToDatetime():%Y-%m-%d}")
    for part in found.criteria.all.criteria:
        print(f"  {described(part)}")


def described(criterion):
    """A condition on a patient, in words."""
    kind = criterion.WhichOneof("criterion")
    value = getattr(criterion, kind)
    if kind == "not":
        return f"not {described(value)}"
    if kind == "age":
        return f"age from {value.min}"
    if kind == "variant":
        return f"variant in {value.gene} {value.hgvs}".strip()
    system = recruitment.CodeSystem.Name(value.system).removeprefix("CODE_SYSTEM_").replace("_", "-")
    return f"{kind.replace('_', ' ')} {system} {value.code} ({value.label})"


def recruit(hospital, recruitment_id):
    """We answer, contact, and enrol. Kiban learns a number and pseudonyms, nothing else of our patients."""
    stub, request = recruitment.RecruitmentServiceStub, {"recruitment_id": recruitment_id}
    accept = recruitment.RespondToInvitationRequest(
        command_id="respond", answer=recruitment.ANSWER_ACCEPTED, **request
    )
    hospital(stub, "RespondToInvitation", accept)
    print("accepted")

    enrol = lambda pseudonym: hospital(
        stub,
        "EnrolParticipant",
        recruitment.EnrolParticipantRequest(command_id=f"enrol-{pseudonym}", pseudonym=pseudonym, **request),
    )
    pseudonyms = [f"P-{''.join(random.choices(forum.ALPHABET, k=8)).upper()}" for _ in range(3)]
    must_refuse("enrolling somebody whom nobody has contacted:", lambda: enrol(pseudonyms[0]))
    contacted = recruitment.ReportContactedRequest(command_id="contacted", number=3, **request)
    hospital(stub, "ReportContacted", contacted)
    print("contacted: 3 patients who had consented to that")
    for pseudonym in pseudonyms[:2]:
        enrol(pseudonym)
        print(f"enrolled: {pseudonym}")
    must_refuse("enrolling a third where two are wanted:", lambda: enrol(pseudonyms[2]))


def print_result(ours, theirs):
    """The company sees numbers and pseudonyms, and never from which institution a participant is."""
    print(f"\nwe see of ourselves: {ours.contacted} contacted, {ours.enrolled} enrolled")
    print(f"the company sees: {theirs.enrolled} enrolled, {', '.join(theirs.pseudonyms)}")
    print(f"  and {len(theirs.institutions)} institutions by name")


def print_page(hospital, position):
    """Our data, what was done with it, and what we have earned this month."""
    # min_position: the page must know of everything up to the last use.
    ask = revenue_share.GetInstitutionPageRequest(start_month=forum.this_month(), min_position=position)
    page = hospital(revenue_share.RevenueShareServiceStub, "GetInstitutionPage", ask)
    print(f"\npage of {page.name} for {forum.this_month()}")
    for dataset in page.datasets:
        print(f"  dataset {dataset.code}: {dataset.own_cases} of its {dataset.cases} cases are ours")
    for use in page.uses:
        right = common.Right.Name(use.right).removeprefix("RIGHT_").lower()
        print(f"  use: {right}, {use.cases} cases")
    for earning in page.earnings:
        print(f"  {earning.charge_kind:<24} {earning.amount.minor_units:>12,} yen")
    print(f"  {'earned':<24} {page.earned.minor_units:>12,} yen")


if __name__ == "__main__":
    forum.run(main, sys.argv)
