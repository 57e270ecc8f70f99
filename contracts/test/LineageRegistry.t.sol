// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuarded} from "../governance/IGuarded.sol";
import {IContributionRules} from "../lineage/IContributionRules.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {Economy, IUpgradeable} from "./support/Economy.sol";

/// Rules that take note of what they are asked, and refuse on demand.
contract NotedRules is IContributionRules {
    bytes32 public note;
    bool public refuses;

    error NotWanted();

    function refuse() external {
        refuses = true;
    }

    function onContribution(
        bytes32 datanetId,
        bytes32 contributionId,
        address contributor,
        uint32 recordCount
    ) external {
        require(!refuses, NotWanted());
        note = keccak256(abi.encode(msg.sender, datanetId, contributionId, contributor, recordCount));
    }
}

contract LineageRegistryTest is Economy {
    event OwnerChanged(bytes32 indexed id, address indexed from, address indexed to);
    event DatanetCreated(
        bytes32 indexed datanetId,
        address indexed owner,
        string name,
        ILineageRegistry.Modality modality,
        uint8 licenceFlags,
        uint32 royaltyPpm,
        string licence,
        bytes32 metadataDigest,
        bool curated
    );
    event Contributed(
        bytes32 indexed datanetId,
        address indexed contributor,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string licence
    );
    event ModelRegistered(
        bytes32 indexed modelId,
        address indexed owner,
        ILineageRegistry.ModelKind kind,
        string name,
        uint8 licenceFlags,
        uint32 royaltyPpm,
        string licence,
        bytes32 artefactDigest,
        bytes32 trainingRoot,
        ILineageRegistry.Parent[] parents
    );
    event DisputeFlagSet(bytes32 indexed id, address indexed flagger, bool flagged, bytes32 reasonDigest);
    event ContributionFlagSet(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed flagger,
        bool flagged,
        bytes32 reasonDigest
    );
    event AttesterSet(address indexed attester, bool allowed);
    event FlaggerSet(address indexed flagger, bool allowed);
    event ContributionRulesSet(IContributionRules indexed rules);
    event FeaturesPublished(bytes32 indexed modelId, address indexed attester, bytes32 featuresDigest);

    address internal constant ALICE = address(0xA1);
    address internal constant BOB = address(0xB0);
    bytes32 internal first;
    bytes32 internal second; // greater than first
    bytes32 internal base;

    function setUp() public override {
        super.setUp();
        first = newDatanet("first");
        second = newDatanet("second");
        if (first > second) (first, second) = (second, first);
        base = newBase(BOB);
    }

    function newDatanet(string memory name) internal returns (bytes32 id) {
        return newDatanet(datanetTerms(name));
    }

    function newDatanet(ILineageRegistry.DatanetTerms memory terms) internal returns (bytes32) {
        vm.prank(ALICE);
        return registry.createDatanet(terms);
    }

    function adapterOf(
        bytes32 baseId,
        bytes32 one,
        bytes32 two
    ) internal view returns (ILineageRegistry.ModelTerms memory) {
        uint256 count = 1 + (one == 0 ? 0 : 1) + (two == 0 ? 0 : 1);
        ILineageRegistry.Parent[] memory parents = new ILineageRegistry.Parent[](count);
        parents[0] = ILineageRegistry.Parent(baseId, 0);
        if (one != 0) parents[1] = ILineageRegistry.Parent(one, uint64(block.number));
        if (two != 0) parents[2] = ILineageRegistry.Parent(two, uint64(block.number));
        return modelTerms(ILineageRegistry.ModelKind.Adapter, parents);
    }

    function refused(ILineageRegistry.ModelTerms memory terms, bytes memory reason) internal {
        vm.expectRevert(reason);
        registry.registerModel(terms);
    }

    // Setting up

    function test_NobodyInitialisesAgainOrTheCodeBehindTheProxy() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        registry.initialize(STRANGER, STRANGER, STRANGER);
        ILineageRegistry code = ILineageRegistry(deployed("LineageRegistry", ""));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        code.initialize(STRANGER, STRANGER, STRANGER);
    }

    function test_OnlyGovernanceUpgradesAndStateStays() public {
        address code = deployed("LineageRegistry", "");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        IUpgradeable(address(registry)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(registry)).upgradeToAndCall(code, "");
        equal(registry.ownerOf(first), ALICE, "owner after the upgrade");
        equal(registry.baseOf(base), base, "base after the upgrade");
    }

    // Datanets

    function test_ADatanetIsStoredUnderTheIdOfItsTerms() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("third");
        vm.prank(BOB);
        bytes32 id = registry.createDatanet(terms);
        equal(id, registry.datanetIdOf(BOB, terms), "id");
        ILineageRegistry.Datanet memory datanet = registry.datanetOf(id);
        equal(datanet.owner, BOB, "owner");
        equal(datanet.royaltyPpm, 10_000, "royalty");
        equal(datanet.licenceFlags, 3, "flags");
        equal(uint8(datanet.modality), uint8(ILineageRegistry.Modality.Text), "modality");
        require(!datanet.isCurated && !datanet.isDisputed, "plain and undisputed");
        equal(datanet.createdBlock, block.number, "created");
    }

    function test_TheSameDatanetIsRefusedButNotAnothersNorAnotherChains() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("third");
        bytes32 id = registry.createDatanet(terms);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageExists.selector, id));
        registry.createDatanet(terms);
        vm.prank(BOB);
        require(registry.createDatanet(terms) != id, "another owner");
        vm.chainId(block.chainid + 1);
        require(registry.datanetIdOf(address(this), terms) != id, "another chain");
    }

    function test_ADatanetWithWrongTermsIsRefused() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("");
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 0));
        registry.createDatanet(terms);
        terms.name = text(257);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 257));
        registry.createDatanet(terms);
        terms.name = text(256);
        terms.licence = "";
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 0));
        registry.createDatanet(terms);
        terms.licence = "MIT";
        terms.licenceFlags = 8;
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageLicenceFlags.selector, 8));
        registry.createDatanet(terms);
        terms.licenceFlags = 7;
        terms.royaltyPpm = 1_000_001;
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageRoyaltyTooHigh.selector, 1_000_001));
        registry.createDatanet(terms);
        terms.royaltyPpm = 1_000_000;
        registry.createDatanet(terms);
    }

    function test_ADatanetIsCreatedWithWhatItsTermsSay() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("third");
        terms.modality = ILineageRegistry.Modality.Other;
        terms.curated = true;
        bytes32 id = registry.datanetIdOf(BOB, terms);
        vm.expectEmit(address(registry));
        emit DatanetCreated(id, BOB, "third", ILineageRegistry.Modality.Other, 3, 10_000, "MIT", "about", true);
        vm.prank(BOB);
        registry.createDatanet(terms);
        ILineageRegistry.Datanet memory datanet = registry.datanetOf(id);
        require(datanet.isCurated && !datanet.isDisputed, "curated");
        equal(uint8(datanet.modality), uint8(ILineageRegistry.Modality.Other), "modality");
        equal(datanet.licenceFlags, 3, "flags");
    }

    // Contributions

    function test_AContributionIsOneEvent() public {
        vm.expectEmit(address(registry));
        emit Contributed(first, STRANGER, "manifest", "records", 7, 7_000, "MIT");
        vm.prank(STRANGER);
        contribute(first, batch());
        contribute(first, batch()); // the same again is another
    }

    function test_AContributionWithoutContentIsRefused() public {
        bytes[2] memory unknown = [
            abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x")),
            abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, base)
        ];
        vm.expectRevert(unknown[0]);
        contribute("x", batch());
        vm.expectRevert(unknown[1]);
        contribute(base, batch());
        ILineageRegistry.ContributionBatch memory given = batch();
        given.manifestDigest = 0;
        vm.expectRevert(ILineageRegistry.LineageZeroDigest.selector);
        contribute(first, given);
        given = batch();
        given.recordRoot = 0;
        vm.expectRevert(ILineageRegistry.LineageZeroDigest.selector);
        contribute(first, given);
        given = batch();
        given.recordCount = 0;
        vm.expectRevert(ILineageRegistry.LineageNoRecords.selector);
        contribute(first, given);
        given = batch();
        given.licence = "";
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 0));
        contribute(first, given);
        given.licence = text(257);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 257));
        contribute(first, given);
        given.licence = text(256);
        contribute(first, given);
    }

    // Models

    function test_AnAdapterKnowsItsBaseAndItsRoyalties() public {
        bytes32 id = registry.registerModel(adapterOf(base, first, second));
        equal(id, registry.modelIdOf(address(this), adapterOf(base, first, second)), "id");
        equal(registry.baseOf(id), base, "base");
        equal(registry.baseOf(base), base, "a base's base");
        ILineageRegistry.Model memory model = registry.modelOf(id);
        equal(model.owner, address(this), "owner");
        equal(uint8(model.kind), uint8(ILineageRegistry.ModelKind.Adapter), "kind");
        equal(model.licenceFlags, 3, "flags");
        equal(model.royaltyPpm, 20_000, "own royalty");
        equal(model.royaltyStackPpm, 20_000 + 20_000 + 2 * 10_000, "all royalties");
        equal(model.base, base, "base of the struct");
        (address baseOwner, address adapterOwner) = registry.payeesOf(id);
        equal(baseOwner, BOB, "base owner");
        equal(adapterOwner, address(this), "adapter owner");
        (baseOwner, adapterOwner) = registry.payeesOf(base);
        equal(baseOwner, BOB, "base owner of the base");
        equal(adapterOwner, address(0), "nobody adapts a base");
    }

    function test_AHeadIsRegisteredLikeAnAdapter() public {
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, 0);
        terms.kind = ILineageRegistry.ModelKind.Head;
        equal(registry.baseOf(registry.registerModel(terms)), base, "base");
    }

    function test_ADatanetBelowTheBaseOwesItsRoyaltyOnce() public {
        ILineageRegistry.Parent[] memory parents = new ILineageRegistry.Parent[](1);
        parents[0] = ILineageRegistry.Parent(first, uint64(block.number));
        ILineageRegistry.ModelTerms memory terms = modelTerms(ILineageRegistry.ModelKind.Base, parents);
        bytes32 trained = registry.registerModel(terms);
        equal(registry.modelOf(trained).royaltyStackPpm, 30_000, "base with a Datanet");
        bytes32 diamond = registry.registerModel(adapterOf(trained, first, second));
        equal(registry.modelOf(diamond).royaltyStackPpm, 20_000 + 30_000 + 10_000, "diamond");
    }

    function test_TheSameModelIsRefused() public {
        bytes32 id = registry.registerModel(adapterOf(base, first, 0));
        refused(adapterOf(base, first, 0), abi.encodeWithSelector(ILineageRegistry.LineageExists.selector, id));
    }

    function test_AModelWithWrongTermsIsRefused() public {
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, 0);
        terms.kind = ILineageRegistry.ModelKind.None;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageKindMissing.selector));
        terms = adapterOf(base, first, 0);
        terms.name = "";
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 0));
        terms = adapterOf(base, first, 0);
        terms.licence = text(257);
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageTextLength.selector, 257));
        terms = adapterOf(base, first, 0);
        terms.licenceFlags = 16;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageLicenceFlags.selector, 16));
        terms = adapterOf(base, first, 0);
        terms.royaltyPpm = 1_000_001;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageRoyaltyTooHigh.selector, 1_000_001));
        terms = adapterOf(base, first, 0);
        terms.artefactDigest = 0;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageZeroDigest.selector));
        terms = adapterOf(base, first, 0);
        terms.trainingRoot = 0;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageZeroDigest.selector));
        terms = adapterOf(base, 0, 0);
        terms.trainingRoot = 0;
        registry.registerModel(terms); // trained on nothing that is registered
    }

    function test_AnAdapterNeedsABaseModelFirst() public {
        bytes memory reason = abi.encodeWithSelector(ILineageRegistry.LineageBaseMissing.selector);
        ILineageRegistry.Parent[] memory none;
        refused(modelTerms(ILineageRegistry.ModelKind.Adapter, none), reason);
        refused(adapterOf("unknown", first, 0), reason);
        refused(adapterOf(first, second, 0), reason);
        bytes32 adapter = newAdapter(ALICE, base);
        refused(adapterOf(adapter, first, 0), reason);
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, 0);
        terms.parents[0].asOfBlock = 1;
        refused(terms, reason);
    }

    function test_ParentsMustBeKnownDatanetsInOrderAsOfABlockTheyHave() public {
        refused(
            adapterOf(base, second, first),
            abi.encodeWithSelector(ILineageRegistry.LineageParentOrder.selector, first)
        );
        refused(
            adapterOf(base, first, first),
            abi.encodeWithSelector(ILineageRegistry.LineageParentOrder.selector, first)
        );
        bytes32 greatest = bytes32(type(uint256).max);
        refused(
            adapterOf(base, first, greatest),
            abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, greatest)
        );
        refused(adapterOf(base, base, 0), abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, base));
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, 0);
        uint64 created = uint64(block.number);
        vm.roll(created + 10);
        for (uint64 asOf = created - 1; asOf <= created + 11; asOf += 12) {
            terms.parents[1].asOfBlock = asOf;
            refused(
                terms,
                abi.encodeWithSelector(ILineageRegistry.LineageParentBlock.selector, first, asOf, created, created + 10)
            );
        }
        terms.parents[1].asOfBlock = 0;
        refused(
            terms,
            abi.encodeWithSelector(ILineageRegistry.LineageParentBlock.selector, first, 0, created, created + 10)
        );
        terms.parents[1].asOfBlock = created;
        registry.registerModel(terms);
        terms.parents[1].asOfBlock = created + 10;
        registry.registerModel(terms);
    }

    function test_SoManyParentsAreRefused() public {
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, 0, 0);
        terms.parents = new ILineageRegistry.Parent[](33);
        terms.parents[0].id = base;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageTooManyParents.selector, 33, 32));
        terms.parents = new ILineageRegistry.Parent[](32); // not too many, but none is named
        terms.parents[0].id = base;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageParentOrder.selector, bytes32(0)));
    }

    function test_RoyaltiesOfAllAncestorsStayWithinTheWhole() public {
        ILineageRegistry.DatanetTerms memory greedy = datanetTerms("greedy");
        greedy.royaltyPpm = 960_000;
        bytes32 datanet = newDatanet(greedy);
        registry.registerModel(adapterOf(base, datanet, 0)); // 20,000 + 20,000 + 960,000
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, datanet, 0);
        terms.royaltyPpm = 20_001;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageRoyaltyTooHigh.selector, 1_000_001));
        terms.royaltyPpm = 40_001;
        refused(terms, abi.encodeWithSelector(ILineageRegistry.LineageRoyaltyTooHigh.selector, 1_020_001));
    }

    /// The rules of derivation as a table, against a Datanet and against a base.
    function testFuzz_LicencesOfParentsAreKept(uint8 parentFlags, uint8 flags) public {
        parentFlags &= 7;
        flags &= 7;
        bool allowed =
            parentFlags & 1 == 1 &&
                (parentFlags & 2 == 2 || flags & 2 == 0) &&
                (parentFlags & 4 == 0 || flags == parentFlags);

        ILineageRegistry.DatanetTerms memory datanet = datanetTerms("licensed");
        datanet.licenceFlags = parentFlags;
        bytes32 parent = newDatanet(datanet);
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, parent, 0);
        terms.licenceFlags = flags;
        if (!allowed) vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageLicenceForbids.selector, parent));
        registry.registerModel(terms);

        ILineageRegistry.ModelTerms memory baseTerms = modelTerms(
            ILineageRegistry.ModelKind.Base,
            new ILineageRegistry.Parent[](0)
        );
        baseTerms.licenceFlags = parentFlags;
        parent = registry.registerModel(baseTerms);
        terms = adapterOf(parent, 0, 0);
        terms.licenceFlags = flags;
        if (!allowed) vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageLicenceForbids.selector, parent));
        registry.registerModel(terms);
    }

    function test_ARegistrationIsOneEventOfItsTerms() public {
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, second);
        bytes32 id = registry.modelIdOf(BOB, terms);
        vm.expectEmit(address(registry));
        emit ModelRegistered(
            id,
            BOB,
            ILineageRegistry.ModelKind.Adapter,
            "model",
            3,
            20_000,
            "MIT",
            "artefact",
            "training",
            terms.parents
        );
        vm.prank(BOB);
        registry.registerModel(terms);
    }

    function test_IdsDifferByOwnerKindAndChain() public {
        ILineageRegistry.ModelTerms memory terms = adapterOf(base, first, 0);
        bytes32 id = registry.modelIdOf(ALICE, terms);
        require(registry.modelIdOf(BOB, terms) != id, "owner");
        terms.kind = ILineageRegistry.ModelKind.Head;
        require(registry.modelIdOf(ALICE, terms) != id, "kind");
        terms.kind = ILineageRegistry.ModelKind.Adapter;
        vm.chainId(block.chainid + 1);
        require(registry.modelIdOf(ALICE, terms) != id, "chain");
    }

    // Disputes

    function flag(bytes32 id, bool flagged) internal {
        vm.prank(ATTESTER);
        registry.setDisputeFlag(id, flagged, "why");
    }

    function makeFlagger() internal {
        vm.prank(GOVERNOR);
        registry.setFlagger(ATTESTER, true);
    }

    function test_ADisputedParentTakesNoNewDerivation() public {
        makeFlagger();
        bytes32 early = registry.registerModel(adapterOf(base, first, 0));
        for (uint256 i; i < 2; ++i) {
            bytes32 parent = i == 0 ? base : second;
            vm.expectEmit(address(registry));
            emit DisputeFlagSet(parent, ATTESTER, true, "why");
            flag(parent, true);
            refused(
                adapterOf(base, first, second),
                abi.encodeWithSelector(ILineageRegistry.LineageDisputed.selector, parent)
            );
            vm.expectEmit(address(registry));
            emit DisputeFlagSet(parent, ATTESTER, false, "why");
            flag(parent, false);
        }
        registry.registerModel(adapterOf(base, first, second));
        equal(registry.baseOf(early), base, "what was derived before stays");
    }

    function test_AFlagChangesNothingElse() public {
        makeFlagger();
        flag(first, true);
        flag(first, true); // again
        flag(base, true);
        ILineageRegistry.Datanet memory datanet = registry.datanetOf(first);
        require(datanet.isDisputed && !datanet.isCurated, "Datanet");
        equal(datanet.licenceFlags, 3, "licence of the Datanet");
        equal(datanet.owner, ALICE, "owner of the Datanet");
        equal(datanet.royaltyPpm, 10_000, "royalty of the Datanet");
        equal(datanet.createdBlock, block.number, "block of the Datanet");
        ILineageRegistry.Model memory model = registry.modelOf(base);
        require(model.isDisputed, "model");
        equal(model.licenceFlags, 3, "licence of the model");
        equal(model.owner, BOB, "owner of the model");
        equal(model.royaltyStackPpm, 20_000, "royalties of the model");
        flag(first, false);
        flag(base, false);
        require(!registry.datanetOf(first).isDisputed && !registry.modelOf(base).isDisputed, "no more");
        equal(registry.datanetOf(first).licenceFlags, 3, "licence after all");
        equal(registry.modelOf(base).licenceFlags, 3, "licence of the model after all");
    }

    function test_ACuratedDatanetWithDutiesIsAParentLikeAnother() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("curated");
        terms.curated = true;
        terms.licenceFlags = 7;
        bytes32 curated = newDatanet(terms);
        ILineageRegistry.ModelTerms memory model = adapterOf(base, curated, 0);
        refused(model, abi.encodeWithSelector(ILineageRegistry.LineageLicenceForbids.selector, curated));
        model.licenceFlags = 7;
        registry.registerModel(model);
    }

    function test_OnlyFlaggersFlagWhatIsKnown() public {
        bytes memory reason = abi.encodeWithSelector(ILineageRegistry.LineageNotFlagger.selector, STRANGER);
        vm.startPrank(STRANGER);
        vm.expectRevert(reason);
        registry.setDisputeFlag(first, true, "why");
        vm.expectRevert(reason);
        registry.setContributionFlag(first, "contribution", true, "why");
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        registry.setFlagger(STRANGER, true);
        vm.stopPrank();
        vm.startPrank(GOVERNOR);
        vm.expectRevert(ILineageRegistry.LineageZeroAddress.selector);
        registry.setFlagger(address(0), true);
        vm.expectEmit(address(registry));
        emit FlaggerSet(STRANGER, true);
        registry.setFlagger(STRANGER, true);
        vm.stopPrank();
        require(registry.isFlagger(STRANGER), "flagger");
        reason = abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x"));
        vm.startPrank(STRANGER);
        vm.expectRevert(reason);
        registry.setDisputeFlag("x", true, "why");
        vm.expectRevert(reason);
        registry.setContributionFlag("x", "contribution", true, "why");
        vm.expectEmit(address(registry));
        emit ContributionFlagSet(first, "contribution", STRANGER, true, "why");
        registry.setContributionFlag(first, "contribution", true, "why");
        vm.stopPrank();
        vm.prank(GOVERNOR);
        registry.setFlagger(STRANGER, false);
        require(!registry.isFlagger(STRANGER), "no flagger any more");
    }

    // Curated Datanets

    function test_ACuratedDatanetAsksTheRules() public {
        ILineageRegistry.DatanetTerms memory terms = datanetTerms("curated");
        terms.curated = true;
        bytes32 curated = newDatanet(terms);
        vm.expectRevert(ILineageRegistry.LineageNoRules.selector);
        contribute(curated, batch());

        NotedRules rules = new NotedRules();
        vm.expectEmit(address(registry));
        emit ContributionRulesSet(rules);
        vm.prank(GOVERNOR);
        registry.setContributionRules(rules);
        equal(address(registry.contributionRules()), address(rules), "stored");

        contribute(first, batch());
        equal(rules.note(), 0, "a plain one does not ask");
        vm.expectEmit(address(registry));
        emit Contributed(curated, BOB, "manifest", "records", 7, 7_000, "MIT");
        vm.prank(BOB);
        contribute(curated, batch());
        bytes32 id = keccak256(abi.encode(curated, BOB, bytes32("manifest"), bytes32("records")));
        equal(registry.contributionIdOf(curated, BOB, "manifest", "records"), id, "id");
        equal(rules.note(), keccak256(abi.encode(registry, curated, id, BOB, uint32(7))), "what was asked");

        rules.refuse();
        vm.expectRevert(NotedRules.NotWanted.selector);
        contribute(curated, batch());
    }

    function test_OnlyGovernanceSetsTheRules() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        registry.setContributionRules(IContributionRules(STRANGER));
        vm.prank(GOVERNOR);
        vm.expectRevert(ILineageRegistry.LineageZeroAddress.selector);
        registry.setContributionRules(IContributionRules(address(0)));
    }

    // Pauses

    function test_APauseStopsNewDatanetsAndNothingElse() public {
        IGuarded guarded = IGuarded(address(registry));
        equal(guarded.guardian(), GUARDIAN, "guardian");
        vm.prank(GUARDIAN);
        guarded.pause();
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        registry.createDatanet(datanetTerms("third"));
        contribute(first, batch());
        registry.registerModel(adapterOf(base, first, 0));
        vm.prank(ALICE);
        registry.transfer(first, BOB);
        vm.prank(GOVERNOR);
        guarded.unpause();
        registry.createDatanet(datanetTerms("third"));
    }

    // Features

    function test_FeaturesArePublishedOnceByAnAttester() public {
        vm.expectEmit(address(registry));
        emit FeaturesPublished(base, ATTESTER, "features");
        vm.prank(ATTESTER);
        registry.publishFeatures(base, "features");
        equal(registry.featuresOf(base), "features", "stored");
        vm.startPrank(ATTESTER);
        vm.expectRevert(
            abi.encodeWithSelector(ILineageRegistry.LineageFeaturesPublished.selector, base, bytes32("features"))
        );
        registry.publishFeatures(base, "others");
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, first));
        registry.publishFeatures(first, "features");
        vm.stopPrank();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageNotAttester.selector, STRANGER));
        registry.publishFeatures(base, "features");
        bytes32 adapter = newAdapter(ALICE, base);
        vm.prank(ATTESTER);
        vm.expectRevert(ILineageRegistry.LineageZeroDigest.selector);
        registry.publishFeatures(adapter, 0);
    }

    function test_OnlyGovernanceNamesAttesters() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        registry.setAttester(STRANGER, true);
        vm.startPrank(GOVERNOR);
        vm.expectRevert(ILineageRegistry.LineageZeroAddress.selector);
        registry.setAttester(address(0), true);
        vm.expectEmit(address(registry));
        emit AttesterSet(STRANGER, true);
        registry.setAttester(STRANGER, true);
        vm.expectEmit(address(registry));
        emit AttesterSet(ATTESTER, false);
        registry.setAttester(ATTESTER, false);
        vm.stopPrank();
        vm.prank(ATTESTER);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageNotAttester.selector, ATTESTER));
        registry.publishFeatures(base, "features");
        vm.prank(STRANGER);
        registry.publishFeatures(base, "features");
    }

    // Owners

    function test_OwnersGiveThingsAwayAndNobodyElseDoes() public {
        vm.expectEmit(address(registry));
        emit OwnerChanged(first, ALICE, BOB);
        vm.prank(ALICE);
        registry.transfer(first, BOB);
        equal(registry.ownerOf(first), BOB, "Datanet");
        equal(registry.datanetOf(first).owner, BOB, "in its own record");
        equal(registry.datanetOf(first).createdBlock, block.number, "nothing else changed");
        vm.prank(BOB);
        registry.transfer(base, ALICE);
        equal(registry.ownerOf(base), ALICE, "model");
        equal(registry.modelOf(base).owner, ALICE, "in its own record");
        equal(registry.modelOf(base).royaltyPpm, 20_000, "nothing else changed in the model");
        vm.startPrank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageNotOwner.selector, base, BOB));
        registry.transfer(base, BOB);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageNotOwner.selector, bytes32("x"), BOB));
        registry.transfer("x", BOB);
        vm.expectRevert(ILineageRegistry.LineageZeroAddress.selector);
        registry.transfer(first, address(0));
        vm.stopPrank();
    }

    function test_TheUnknownIsSaidToBeUnknown() public {
        equal(registry.ownerOf("x"), address(0), "owner");
        equal(registry.featuresOf("x"), 0, "features");
        bytes memory reason = abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x"));
        vm.expectRevert(reason);
        registry.baseOf("x");
        vm.expectRevert(reason);
        registry.payeesOf("x");
        vm.expectRevert(reason);
        registry.modelOf("x");
        vm.expectRevert(reason);
        registry.datanetOf("x");
    }
}
