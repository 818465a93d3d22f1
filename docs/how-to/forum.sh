# A small forum for the how-tos, on a server at localhost:50051. Read it into a shell, in the root of a clone:
#
#     . docs/how-to/forum.sh
#
# Use a data directory of its own for it, as each how-to does. It registers organisations, publishes prices and shares, releases a dataset and concludes a contract of each kind,
# and names all of it in variables. Each of its commands has an id of its own, so it may be read in as often as you
# like: the forum is set up once.

# Calls a method as somebody.
ask() { grpcurl -plaintext -H "kiban-caller: $1" -d "$3" localhost:50051 "kiban.$2"; }

# Picks a field out of a reply, such as organisationId or order.stage.
field() {
    python3 -c "
import functools, json, sys
print(functools.reduce(lambda reply, name: reply[name], '$1'.split('.'), json.load(sys.stdin)))"
}

# Tries what must be refused, and shows the refusal: the reason and the field, not the whole status.
refused() {
    if ask "$@" >/dev/null 2>refusal.txt; then
        echo "this should have been refused" >&2
        return 1
    fi
    grep -o -e 'Message: .*' -e '"reason": .*' refusal.txt
    rm refusal.txt
}

# --- Who takes part -------------------------------------------------------------------------------------------------

PLATFORM='organisation=org_00000000000000000000000000; roles=administrator'

register() {    # name, registration number, capacities
    ask "$PLATFORM" membership.v1.MembershipService/RegisterOrganisation '{
      "command_id": "how-to-'"$2"'", "name": "'"$1"'", "country": "JP", "registration_number": "'"$2"'",
      "capacities": [{"capacity": "CAPACITY_'"$3"'", "from": "2020-04-01"}]}' | field organisationId
}
BASE=$(register がんゲノム基盤機構 4999951010101 BASE_OPERATOR)
PROMOTER=$(register ゲノム活用促進機構 9999952020202 PROMOTER)
HOSPITAL=$(register 青葉がんセンター 5999953030303 MEDICAL_INSTITUTION)
PHARMA=$(register 北斗ファーマ 1999954040404 MEMBER)
VENDOR=$(register みつばオミクス 6999955050505 VENDOR)
INVESTOR=$(register さくらライフ投資 2999956060606 INVESTOR)
VENTURE=$(register ネオゲノム創薬 7999957070707 MEMBER)

# People are random numbers to Kiban, and nothing else.
PERSON=per_00000000000000000000000001
acting() { echo "organisation=$1; person=$PERSON; roles=$2"; }
AT_BASE=$(acting "$BASE" administrator,contracts,reviewer,finance)
AT_PROMOTER=$(acting "$PROMOTER" administrator,contracts,reviewer,finance)
AT_HOSPITAL=$(acting "$HOSPITAL" administrator,contracts,finance)
AT_PHARMA=$(acting "$PHARMA" contracts,researcher,finance,meter)
AT_VENDOR=$(acting "$VENDOR" contracts,finance)
AT_INVESTOR=$(acting "$INVESTOR" contracts)
AT_VENTURE=$(acting "$VENTURE" contracts)

# --- What it costs, and whose the money is --------------------------------------------------------------------------

PRICE_BOOK=$(ask "$AT_PROMOTER" finance.v1.FinanceService/CreatePriceBook '{
  "command_id": "how-to-prices", "version": {
    "name": "標準価格", "currency_code": "JPY", "start": "2020-01", "items": [
      {"charge_kind": "contract-fee", "tier": "standard", "model": {"flat": {"currency_code": "JPY", "minor_units": 1200000}}},
      {"charge_kind": "data-usage", "right": "RIGHT_BROWSE", "model": {"per_unit": "5"}},
      {"charge_kind": "data-usage", "right": "RIGHT_SIMPLE_ANALYSIS", "model": {"graduated": {"bands": [
        {"up_to": "100", "unit_price": "120"}, {"unit_price": "90.5"}]}}},
      {"charge_kind": "data-usage", "right": "RIGHT_DETAILED_ANALYSIS", "model": {"per_unit": "300"}},
      {"charge_kind": "recruitment-request", "model": {"flat": {"currency_code": "JPY", "minor_units": 300000}}},
      {"charge_kind": "recruitment-enrolment", "model": {"per_unit": "150000"}}
    ]}}' | field priceBookId)

party() { echo '{"party": {"role": "PARTY_ROLE_'"$1"'"}, "percentage": "'"$2"'"}'; }
split() {    # a charge kind, percentages, whose datasets it is for: of anybody, if that is left out
    echo '{"charge_kind": "'"$1"'", "provider_scope": "PROVIDER_SCOPE_'"${3:-ANY}"'", "percentages": ['"$2"'],
      "residual": {"role": "PARTY_ROLE_BASE_OPERATOR"}}'
}
SHARE_RULE=$(ask "$AT_PROMOTER" finance.v1.FinanceService/CreateShareRule '{
  "command_id": "how-to-shares", "version": {"name": "標準配分", "start": "2020-01", "splits": [
    '"$(split contract-fee "$(party BASE_OPERATOR 60), $(party PROMOTER 40)")"',
    '"$(split data-usage "$(party BASE_OPERATOR 70), $(party PROMOTER 20), $(party INSTITUTIONS_POOL 10)" BASE)"',
    '"$(split data-usage "$(party DATA_PROVIDER 60), $(party BASE_OPERATOR 10), $(party PROMOTER 20),
      $(party INSTITUTIONS_POOL 10)" PROVIDED)"',
    '"$(split service-order "$(party VENDOR 85), $(party BASE_OPERATOR 10), $(party PROMOTER 5)")"',
    '"$(split recruitment-request "$(party VENDOR 15), $(party INSTITUTIONS_POOL 60), $(party BASE_OPERATOR 25)")"',
    '"$(split recruitment-enrolment "$(party VENDOR 15), $(party INSTITUTIONS_POOL 60), $(party BASE_OPERATOR 25)")"'
  ]}}' | field shareRuleId)

# --- What there is to use -------------------------------------------------------------------------------------------

DATASET=$(ask "$AT_BASE" access.v1.AccessService/RegisterDataset '{
  "command_id": "how-to-dataset", "code": "HOW-TO-LUNG", "name": "肺腺癌 全ゲノム", "dataset_class": "wgs",
  "disease": "Lung Adenocarcinoma", "cohort": "COHORT_CASE", "data_types": ["DATA_TYPE_GERMLINE", "DATA_TYPE_TUMOUR"],
  "reference": "https://data.example/lung"}' | field datasetId)
ask "$AT_BASE" access.v1.AccessService/ReleaseFreeze '{
  "command_id": "how-to-freeze", "dataset_id": "'"$DATASET"'", "consent": {"derived_material_sale": true},
  "composition": [{"institution_id": "'"$HOSPITAL"'", "cases": "500"}]}' >/dev/null

# --- A contract of each kind ----------------------------------------------------------------------------------------

conclude() {    # a name, who asks, its kind, its tier
    local contract
    contract=$(ask "$2" contract.v1.ContractService/ApplyForContract '{
      "command_id": "how-to-apply-'"$1"'", "kind": "CONTRACT_KIND_'"$3"'", "issuer_id": "'"$PROMOTER"'",
      "purposes": ["drug-discovery"]}' | field contractId)
    ask "$AT_BASE" contract.v1.ContractService/ApproveContract '{
      "command_id": "how-to-approve-'"$1"'", "contract_id": "'"$contract"'", "valid_until": "2090-01-01T00:00:00Z"}'
    ask "$AT_PROMOTER" contract.v1.ContractService/OfferContract '{
      "command_id": "how-to-offer-'"$1"'", "contract_id": "'"$contract"'", "terms": {
        "tier": "'"$4"'", "start": "2026-04-01T00:00:00+09:00", "end": "2089-04-01T00:00:00+09:00",
        "purposes": ["drug-discovery"], "dataset_classes": ["wgs"], "countries": ["JP"],
        "quotas": [{"right": "RIGHT_SIMPLE_ANALYSIS", "cases": "400"}, {"right": "RIGHT_DETAILED_ANALYSIS", "cases": "100"}],
        "price_book": {"id": "'"$PRICE_BOOK"'"}, "share_rule": {"id": "'"$SHARE_RULE"'"}}}'
    for party in "$AT_PROMOTER" "$2"; do
        ask "$party" contract.v1.ContractService/SignContract '{
          "command_id": "how-to-sign-'"$1"'", "contract_id": "'"$contract"'"}'
    done
    contract_id=$contract
}
conclude member "$AT_PHARMA" MEMBER standard >/dev/null
MEMBER_CONTRACT=$contract_id
conclude vendor "$AT_VENDOR" VENDOR_PARTICIPATION partner >/dev/null
VENDOR_CONTRACT=$contract_id
conclude investor "$AT_INVESTOR" INVESTOR partner >/dev/null
INVESTOR_CONTRACT=$contract_id
conclude supply "$AT_HOSPITAL" SUPPLY partner >/dev/null
SUPPLY_CONTRACT=$contract_id
conclude venture "$AT_VENTURE" MEMBER partner >/dev/null
VENTURE_CONTRACT=$contract_id

MONTH=$(TZ=Asia/Tokyo date +%Y-%m)
