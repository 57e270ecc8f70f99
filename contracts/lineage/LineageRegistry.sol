// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IContributionRules} from "./IContributionRules.sol";
import {ILineageRegistry, LICENCE_COMMERCIAL, LICENCE_DERIVATIVES, LICENCE_RECIPROCAL} from "./ILineageRegistry.sol";

/// @title Where data and models come from
/// @notice See ILineageRegistry, which says what each function does, trusts and refuses.
contract LineageRegistry is ILineageRegistry, Guarded, EIP712Upgradeable {
    /// @inheritdoc ILineageRegistry
    string public constant RIGHTS_STATEMENT =
        "I may give these records under the licence named here, and I do. They may be trained on, attributed and paid for.";
    /// @notice Parents that one model may name, its base included.
    uint256 public constant MAX_PARENTS = 32;

    uint256 internal constant ONE_PPM = 1_000_000;
    uint256 internal constant MAX_TEXT_BYTES = 256;
    uint8 internal constant ALL_FLAGS = LICENCE_DERIVATIVES | LICENCE_COMMERCIAL | LICENCE_RECIPROCAL;
    // Two more bits of the stored flags, so that asking for them costs no further slot.
    uint8 internal constant CURATED = 64;
    uint8 internal constant DISPUTED = 128;
    // Tags keep the ids of Datanets and models apart, whatever their terms.
    bytes32 internal constant DATANET_TAG = keccak256("openledger/datanet@1");
    bytes32 internal constant MODEL_TAG = keccak256("openledger/model@1");
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "ContributionAttestation(address contributor,bytes32 datanetId,bytes32 manifestDigest,bytes32 recordRoot,"
        "uint32 recordCount,uint64 sizeBytes,string licence,string statement,uint256 deadline)"
    );

    /// @dev A Datanet in one slot. 24 bits hold a million. `flags` are the licence's, CURATED and DISPUTED.
    struct DatanetSlot {
        address owner;
        uint24 royaltyPpm;
        uint8 flags;
        Modality modality;
        uint56 createdBlock;
    }

    /// @dev A model in one slot. The base is an index into `_bases`, for a bytes32 would cost a slot.
    struct ModelSlot {
        address owner;
        uint24 royaltyPpm;
        uint24 royaltyStackPpm;
        uint8 flags;
        ModelKind kind;
        uint32 baseIndex;
    }

    mapping(bytes32 id => DatanetSlot) internal _datanets;
    mapping(bytes32 id => ModelSlot) internal _models;
    bytes32[] internal _bases;
    /// @dev Which Datanets a base was made from: an adapter that names one of them again owes its royalty once.
    mapping(bytes32 baseId => mapping(bytes32 datanetId => bool)) internal _inBase;
    /// @inheritdoc ILineageRegistry
    mapping(bytes32 modelId => bytes32) public featuresOf;
    /// @inheritdoc ILineageRegistry
    mapping(address attester => bool) public isAttester;
    /// @inheritdoc ILineageRegistry
    mapping(address flagger => bool) public isFlagger;
    /// @inheritdoc ILineageRegistry
    mapping(address contributor => mapping(bytes32 digest => bool)) public isAttestationUsed;
    /// @inheritdoc ILineageRegistry
    IContributionRules public contributionRules;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ILineageRegistry
    function initialize(address governance, address guardian_, address attester) external initializer {
        __Guarded_init(governance, guardian_);
        __EIP712_init("OpenLedger Lineage", "1");
        if (attester != address(0)) _setAttester(attester, true);
    }

    /// @inheritdoc ILineageRegistry
    function createDatanet(DatanetTerms calldata terms) external whenOpen returns (bytes32 datanetId) {
        _checkText(terms.name);
        _checkText(terms.licence);
        _checkTerms(terms.licenceFlags, terms.royaltyPpm);
        bytes memory encoded = abi.encode(terms);
        datanetId = _idOf(DATANET_TAG, msg.sender, encoded);
        require(_datanets[datanetId].owner == address(0), LineageExists(datanetId));
        _storeDatanet(datanetId, terms);
        _log(DatanetCreated.selector, datanetId, encoded);
    }

    /// @inheritdoc ILineageRegistry
    function contributeRecords(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string calldata licence
    ) external {
        _contribute(msg.sender, datanetId, manifestDigest, recordRoot, recordCount, sizeBytes, licence);
    }

    /// @inheritdoc ILineageRegistry
    function contributeFor(
        address contributor,
        bytes32 datanetId,
        ContributionBatch calldata batch,
        uint256 deadline,
        bytes calldata signature
    ) external {
        require(block.timestamp <= deadline, LineageAttestationExpired(deadline));
        bytes32 digest = attestationDigest(contributor, datanetId, batch, deadline);
        require(!isAttestationUsed[contributor][digest], LineageAttestationUsed(digest));
        require(
            SignatureChecker.isValidSignatureNowCalldata(contributor, digest, signature),
            LineageAttestationForged(contributor, digest)
        );
        isAttestationUsed[contributor][digest] = true;
        _contribute(
            contributor,
            datanetId,
            batch.manifestDigest,
            batch.recordRoot,
            batch.recordCount,
            batch.sizeBytes,
            batch.licence
        );
    }

    /// @inheritdoc ILineageRegistry
    function revokeAttestation(bytes32 digest) external {
        require(!isAttestationUsed[msg.sender][digest], LineageAttestationUsed(digest));
        isAttestationUsed[msg.sender][digest] = true;
        emit AttestationRevoked(msg.sender, digest);
    }

    /// @inheritdoc ILineageRegistry
    function registerModel(ModelTerms calldata terms) external returns (bytes32 modelId) {
        require(terms.kind != ModelKind.None, LineageKindMissing());
        _checkText(terms.name);
        _checkText(terms.licence);
        _checkTerms(terms.licenceFlags, terms.royaltyPpm);
        require(terms.artefactDigest != 0, LineageZeroDigest());
        bytes memory encoded = abi.encode(terms);
        modelId = _idOf(MODEL_TAG, msg.sender, encoded);
        require(_models[modelId].owner == address(0), LineageExists(modelId));

        uint256 baseIndex;
        uint256 royaltyStackPpm;
        Parent[] calldata parents = terms.parents;
        require(parents.length <= MAX_PARENTS, LineageTooManyParents(parents.length, MAX_PARENTS));
        if (terms.kind == ModelKind.Base) {
            royaltyStackPpm = terms.royaltyPpm + _checkDatanets(terms, parents, 0);
            for (uint256 i; i < parents.length; ++i) _inBase[modelId][parents[i].id] = true;
            baseIndex = _bases.length;
            _bases.push(modelId);
        } else {
            (baseIndex, royaltyStackPpm) = _checkDerived(terms, parents);
        }
        require(royaltyStackPpm <= ONE_PPM, LineageRoyaltyTooHigh(royaltyStackPpm));
        _storeModel(modelId, terms, royaltyStackPpm, baseIndex);
        _log(ModelRegistered.selector, modelId, encoded);
    }

    /// @inheritdoc ILineageRegistry
    function publishFeatures(bytes32 modelId, bytes32 featuresDigest) external {
        require(isAttester[msg.sender], LineageNotAttester(msg.sender));
        require(_models[modelId].owner != address(0), LineageUnknown(modelId));
        require(featuresDigest != 0, LineageZeroDigest());
        require(featuresOf[modelId] == 0, LineageFeaturesPublished(modelId, featuresOf[modelId]));
        featuresOf[modelId] = featuresDigest;
        emit FeaturesPublished(modelId, msg.sender, featuresDigest);
    }

    /// @inheritdoc ILineageRegistry
    function transfer(bytes32 id, address to) external {
        require(ownerOf(id) == msg.sender, LineageNotOwner(id, msg.sender));
        require(to != address(0), LineageZeroAddress());
        if (_models[id].owner != address(0)) _models[id].owner = to;
        else _datanets[id].owner = to;
        emit OwnerChanged(id, msg.sender, to);
    }

    /// @inheritdoc ILineageRegistry
    function setDisputeFlag(bytes32 id, bool flagged, bytes32 reasonDigest) external {
        require(isFlagger[msg.sender], LineageNotFlagger(msg.sender));
        if (_models[id].owner != address(0)) {
            _models[id].flags = _flagged(_models[id].flags, flagged);
        } else {
            require(_datanets[id].owner != address(0), LineageUnknown(id));
            _datanets[id].flags = _flagged(_datanets[id].flags, flagged);
        }
        emit DisputeFlagSet(id, msg.sender, flagged, reasonDigest);
    }

    /// @inheritdoc ILineageRegistry
    function setContributionFlag(
        bytes32 datanetId,
        bytes32 contributionId,
        bool flagged,
        bytes32 reasonDigest
    ) external {
        require(isFlagger[msg.sender], LineageNotFlagger(msg.sender));
        require(_datanets[datanetId].owner != address(0), LineageUnknown(datanetId));
        emit ContributionFlagSet(datanetId, contributionId, msg.sender, flagged, reasonDigest);
    }

    /// @inheritdoc ILineageRegistry
    function setAttester(address attester, bool allowed) external onlyOwner {
        require(attester != address(0), LineageZeroAddress());
        _setAttester(attester, allowed);
    }

    /// @inheritdoc ILineageRegistry
    function setFlagger(address flagger, bool allowed) external onlyOwner {
        require(flagger != address(0), LineageZeroAddress());
        isFlagger[flagger] = allowed;
        emit FlaggerSet(flagger, allowed);
    }

    /// @inheritdoc ILineageRegistry
    function setContributionRules(IContributionRules rules) external onlyOwner {
        require(address(rules) != address(0), LineageZeroAddress());
        contributionRules = rules;
        emit ContributionRulesSet(rules);
    }

    /// @inheritdoc ILineageRegistry
    function ownerOf(bytes32 id) public view returns (address owner) {
        owner = _models[id].owner;
        if (owner == address(0)) owner = _datanets[id].owner;
    }

    /// @inheritdoc ILineageRegistry
    function baseOf(bytes32 modelId) external view returns (bytes32 baseId) {
        return _bases[_modelAt(modelId).baseIndex];
    }

    /// @inheritdoc ILineageRegistry
    function payeesOf(bytes32 modelId) external view returns (address baseOwner, address adapterOwner) {
        ModelSlot memory model = _modelAt(modelId);
        if (model.kind == ModelKind.Base) return (model.owner, address(0));
        return (_models[_bases[model.baseIndex]].owner, model.owner);
    }

    /// @inheritdoc ILineageRegistry
    function modelOf(bytes32 modelId) external view returns (Model memory) {
        ModelSlot memory model = _modelAt(modelId);
        return
            Model(
                model.owner,
                model.kind,
                model.flags & ALL_FLAGS,
                model.royaltyPpm,
                model.royaltyStackPpm,
                model.flags & DISPUTED != 0,
                _bases[model.baseIndex]
            );
    }

    /// @inheritdoc ILineageRegistry
    function datanetOf(bytes32 datanetId) external view returns (Datanet memory) {
        DatanetSlot memory datanet = _datanets[datanetId];
        require(datanet.owner != address(0), LineageUnknown(datanetId));
        return
            Datanet(
                datanet.owner,
                datanet.royaltyPpm,
                datanet.flags & ALL_FLAGS,
                datanet.modality,
                datanet.flags & CURATED != 0,
                datanet.flags & DISPUTED != 0,
                datanet.createdBlock
            );
    }

    /// @inheritdoc ILineageRegistry
    function datanetIdOf(address owner, DatanetTerms calldata terms) external view returns (bytes32 datanetId) {
        return _idOf(DATANET_TAG, owner, abi.encode(terms));
    }

    /// @inheritdoc ILineageRegistry
    function modelIdOf(address owner, ModelTerms calldata terms) external view returns (bytes32 modelId) {
        return _idOf(MODEL_TAG, owner, abi.encode(terms));
    }

    /// @inheritdoc ILineageRegistry
    function attestationDigest(
        address contributor,
        bytes32 datanetId,
        ContributionBatch calldata batch,
        uint256 deadline
    ) public view returns (bytes32 digest) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        ATTESTATION_TYPEHASH,
                        contributor,
                        datanetId,
                        batch.manifestDigest,
                        batch.recordRoot,
                        batch.recordCount,
                        batch.sizeBytes,
                        keccak256(bytes(batch.licence)),
                        keccak256(bytes(RIGHTS_STATEMENT)),
                        deadline
                    )
                )
            );
    }

    /// @inheritdoc ILineageRegistry
    function contributionIdOf(
        bytes32 datanetId,
        address contributor,
        bytes32 manifestDigest,
        bytes32 recordRoot
    ) public pure returns (bytes32 contributionId) {
        return keccak256(abi.encode(datanetId, contributor, manifestDigest, recordRoot));
    }

    function _contribute(
        address contributor,
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string calldata licence
    ) internal {
        DatanetSlot storage datanet = _datanets[datanetId];
        require(datanet.owner != address(0), LineageUnknown(datanetId));
        require(manifestDigest != 0 && recordRoot != 0, LineageZeroDigest());
        require(recordCount != 0, LineageNoRecords());
        _checkText(licence);
        emit Contributed(datanetId, contributor, manifestDigest, recordRoot, recordCount, sizeBytes, licence);
        if (datanet.flags & CURATED == 0) return;
        IContributionRules rules = contributionRules;
        require(address(rules) != address(0), LineageNoRules());
        bytes32 contributionId = contributionIdOf(datanetId, contributor, manifestDigest, recordRoot);
        rules.onContribution(datanetId, contributionId, contributor, recordCount);
    }

    function _setAttester(address attester, bool allowed) internal {
        isAttester[attester] = allowed;
        emit AttesterSet(attester, allowed);
    }

    /// @dev An adapter or head: the base first, then Datanets. Royalties that the base already owes are not counted again.
    function _checkDerived(
        ModelTerms calldata terms,
        Parent[] calldata parents
    ) internal view returns (uint256 baseIndex, uint256 royaltyStackPpm) {
        require(parents.length != 0 && parents[0].asOfBlock == 0, LineageBaseMissing());
        bytes32 baseId = parents[0].id;
        ModelSlot memory base = _models[baseId];
        require(base.kind == ModelKind.Base, LineageBaseMissing());
        _checkParent(baseId, base.flags, terms.licenceFlags);
        royaltyStackPpm = uint256(base.royaltyStackPpm) + terms.royaltyPpm;
        if (parents.length > 1) {
            // Without royalties below the base there is nothing that could be counted twice, and no slot to read for it.
            bytes32 counted = base.royaltyStackPpm > base.royaltyPpm ? baseId : bytes32(0);
            royaltyStackPpm += _checkDatanets(terms, parents[1:], counted);
        }
        baseIndex = base.baseIndex;
    }

    /// @param counted a base whose Datanets' royalties are counted already, 0 for none
    /// @return royaltyPpm what the Datanets ask together
    function _checkDatanets(
        ModelTerms calldata terms,
        Parent[] calldata datanets,
        bytes32 counted
    ) internal view returns (uint256 royaltyPpm) {
        uint256 count = datanets.length;
        require(count == 0 || terms.trainingRoot != 0, LineageZeroDigest());
        uint8 flags = terms.licenceFlags;
        bytes32 last;
        for (uint256 i; i < count; ++i) {
            Parent calldata parent = datanets[i];
            bytes32 id = parent.id;
            require(id > last, LineageParentOrder(id));
            last = id;
            DatanetSlot memory datanet = _datanets[id];
            require(datanet.owner != address(0), LineageUnknown(id));
            uint64 asOfBlock = parent.asOfBlock;
            require(
                asOfBlock >= datanet.createdBlock && asOfBlock <= block.number,
                LineageParentBlock(id, asOfBlock, datanet.createdBlock, block.number)
            );
            _checkParent(id, datanet.flags, flags);
            if (counted == 0 || !_inBase[counted][id]) royaltyPpm += datanet.royaltyPpm;
        }
    }

    /// @dev A parent must allow derivatives and be under no dispute; commerce needs every parent's leave; reciprocity asks
    /// for the same flags.
    function _checkParent(bytes32 parentId, uint8 parentFlags, uint8 flags) internal pure {
        require(parentFlags & DISPUTED == 0, LineageDisputed(parentId));
        bool derivable = parentFlags & LICENCE_DERIVATIVES != 0;
        bool commerceHolds = parentFlags & LICENCE_COMMERCIAL != 0 || flags & LICENCE_COMMERCIAL == 0;
        bool sharedAlike = parentFlags & LICENCE_RECIPROCAL == 0 || flags == parentFlags & ALL_FLAGS;
        require(derivable && commerceHolds && sharedAlike, LineageLicenceForbids(parentId));
    }

    function _checkTerms(uint8 licenceFlags, uint32 royaltyPpm) internal pure {
        require(licenceFlags & ~ALL_FLAGS == 0, LineageLicenceFlags(licenceFlags));
        require(royaltyPpm <= ONE_PPM, LineageRoyaltyTooHigh(royaltyPpm));
    }

    function _checkText(string calldata text) internal pure {
        uint256 lengthBytes = bytes(text).length;
        require(lengthBytes != 0 && lengthBytes <= MAX_TEXT_BYTES, LineageTextLength(lengthBytes));
    }

    function _modelAt(bytes32 modelId) internal view returns (ModelSlot memory model) {
        model = _models[modelId];
        require(model.owner != address(0), LineageUnknown(modelId));
    }

    function _idOf(bytes32 tag, address owner, bytes memory encodedTerms) internal view returns (bytes32 id) {
        return keccak256(abi.encode(tag, block.chainid, owner, keccak256(encodedTerms)));
    }

    function _flagged(uint8 flags, bool disputed) internal pure returns (uint8) {
        return disputed ? flags | DISPUTED : flags & ~DISPUTED;
    }

    /// @dev The slot in one write: assigning the struct makes one for each member. The first member lies lowest.
    function _storeDatanet(bytes32 id, DatanetTerms calldata terms) internal {
        uint256 word = uint160(msg.sender);
        word |= uint256(terms.royaltyPpm) << 160;
        word |= uint256(terms.curated ? terms.licenceFlags | CURATED : terms.licenceFlags) << 184;
        word |= uint256(terms.modality) << 192;
        word |= block.number << 200;
        DatanetSlot storage slot = _datanets[id];
        assembly ("memory-safe") {
            sstore(slot.slot, word)
        }
    }

    /// @dev As above. Both royalties passed the check against a million, so 24 bits hold them.
    function _storeModel(bytes32 id, ModelTerms calldata terms, uint256 royaltyStackPpm, uint256 baseIndex) internal {
        uint256 word = uint160(msg.sender);
        word |= uint256(terms.royaltyPpm) << 160;
        word |= royaltyStackPpm << 184;
        word |= uint256(terms.licenceFlags) << 208;
        word |= uint256(terms.kind) << 216;
        word |= baseIndex << 224;
        ModelSlot storage slot = _models[id];
        assembly ("memory-safe") {
            sstore(slot.slot, word)
        }
    }

    /// @dev Emits DatanetCreated or ModelRegistered. Their data are the terms as encoded for the id, without the word that says
    /// where a struct begins: `emit` would encode them once more, for 2,000 gas.
    function _log(bytes32 eventHash, bytes32 id, bytes memory encodedTerms) internal {
        assembly ("memory-safe") {
            log3(add(encodedTerms, 64), sub(mload(encodedTerms), 32), eventHash, id, caller())
        }
    }
}
