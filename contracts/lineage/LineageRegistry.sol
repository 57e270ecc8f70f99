// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ILineageRegistry, LICENCE_COMMERCIAL, LICENCE_DERIVATIVES, LICENCE_RECIPROCAL} from "./ILineageRegistry.sol";

/// @title Where data and models come from
/// @notice See ILineageRegistry, which says what each function does, trusts and refuses.
contract LineageRegistry is ILineageRegistry, OwnableUpgradeable, UUPSUpgradeable {
    /// @notice Parents that one model may name, its base included.
    uint256 public constant MAX_PARENTS = 32;

    uint256 internal constant ONE_PPM = 1_000_000;
    uint256 internal constant MAX_TEXT_BYTES = 256;
    uint8 internal constant ALL_FLAGS = LICENCE_DERIVATIVES | LICENCE_COMMERCIAL | LICENCE_RECIPROCAL;
    // Tags keep the ids of Datanets and models apart, whatever their terms.
    bytes32 internal constant DATANET_TAG = keccak256("openledger/datanet@1");
    bytes32 internal constant MODEL_TAG = keccak256("openledger/model@1");

    /// @dev A model in one slot. 24 bits hold a million; the base is an index into `_bases`, for a bytes32 would cost a slot.
    struct ModelSlot {
        address owner;
        uint24 royaltyPpm;
        uint24 royaltyStackPpm;
        uint8 licenceFlags;
        ModelKind kind;
        uint32 baseIndex;
    }

    mapping(bytes32 id => Datanet) internal _datanets;
    mapping(bytes32 id => ModelSlot) internal _models;
    bytes32[] internal _bases;
    /// @dev Which Datanets a base was made from: an adapter that names one of them again owes its royalty once.
    mapping(bytes32 baseId => mapping(bytes32 datanetId => bool)) internal _inBase;
    /// @inheritdoc ILineageRegistry
    mapping(bytes32 modelId => bytes32) public featuresOf;
    /// @inheritdoc ILineageRegistry
    mapping(address attester => bool) public isAttester;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ILineageRegistry
    function initialize(address governance, address attester) external initializer {
        __Ownable_init(governance);
        if (attester != address(0)) _setAttester(attester, true);
    }

    /// @inheritdoc ILineageRegistry
    function createDatanet(DatanetTerms calldata terms) external returns (bytes32 datanetId) {
        _checkText(terms.name);
        _checkText(terms.licence);
        _checkTerms(terms.licenceFlags, terms.royaltyPpm);
        datanetId = datanetIdOf(msg.sender, terms);
        require(_datanets[datanetId].owner == address(0), LineageExists(datanetId));
        _datanets[datanetId] = Datanet(msg.sender, terms.royaltyPpm, terms.licenceFlags, terms.modality, 0);
        emit DatanetCreated(
            datanetId,
            msg.sender,
            terms.modality,
            terms.licenceFlags,
            terms.royaltyPpm,
            terms.metadataDigest,
            terms.name,
            terms.licence
        );
    }

    /// @inheritdoc ILineageRegistry
    function contribute(bytes32 datanetId, ContributionBatch calldata batch) external returns (uint32 version) {
        Datanet storage datanet = _datanets[datanetId];
        require(datanet.owner != address(0), LineageUnknown(datanetId));
        require(batch.manifestDigest != 0 && batch.recordRoot != 0, LineageZeroDigest());
        require(batch.recordCount != 0, LineageNoRecords());
        _checkText(batch.licence);
        version = datanet.version + 1;
        datanet.version = version;
        emit Contributed(
            datanetId,
            msg.sender,
            version,
            batch.manifestDigest,
            batch.recordRoot,
            batch.recordCount,
            batch.sizeBytes,
            batch.licence
        );
    }

    /// @inheritdoc ILineageRegistry
    function registerModel(ModelTerms calldata terms) external returns (bytes32 modelId) {
        require(terms.kind != ModelKind.None, LineageKindMissing());
        _checkText(terms.name);
        _checkText(terms.licence);
        _checkTerms(terms.licenceFlags, terms.royaltyPpm);
        require(terms.artefactDigest != 0, LineageZeroDigest());
        modelId = modelIdOf(msg.sender, terms);
        require(_models[modelId].owner == address(0), LineageExists(modelId));

        uint32 baseIndex;
        uint256 royaltyStackPpm;
        if (terms.kind == ModelKind.Base) {
            royaltyStackPpm = _checkDatanets(terms, 0, 0);
            for (uint256 i; i < terms.parents.length; ++i) _inBase[modelId][terms.parents[i].id] = true;
            baseIndex = uint32(_bases.length);
            _bases.push(modelId);
        } else {
            (baseIndex, royaltyStackPpm) = _checkDerived(terms);
        }
        // Both royalties passed the check against a million, so 24 bits hold them.
        _models[modelId] = ModelSlot(
            msg.sender,
            uint24(terms.royaltyPpm),
            uint24(royaltyStackPpm),
            terms.licenceFlags,
            terms.kind,
            baseIndex
        );
        emit ModelRegistered(
            modelId,
            msg.sender,
            terms.kind,
            terms.licenceFlags,
            terms.royaltyPpm,
            terms.artefactDigest,
            terms.trainingRoot,
            terms.parents,
            terms.name,
            terms.licence
        );
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
    function setAttester(address attester, bool allowed) external onlyOwner {
        require(attester != address(0), LineageZeroAddress());
        _setAttester(attester, allowed);
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
                model.licenceFlags,
                model.royaltyPpm,
                model.royaltyStackPpm,
                _bases[model.baseIndex]
            );
    }

    /// @inheritdoc ILineageRegistry
    function datanetOf(bytes32 datanetId) external view returns (Datanet memory datanet) {
        datanet = _datanets[datanetId];
        require(datanet.owner != address(0), LineageUnknown(datanetId));
    }

    /// @inheritdoc ILineageRegistry
    function datanetVersion(bytes32 datanetId) external view returns (uint32 version) {
        return _datanets[datanetId].version;
    }

    /// @inheritdoc ILineageRegistry
    function datanetIdOf(address owner, DatanetTerms calldata terms) public view returns (bytes32 datanetId) {
        return keccak256(abi.encode(DATANET_TAG, block.chainid, owner, terms));
    }

    /// @inheritdoc ILineageRegistry
    function modelIdOf(address owner, ModelTerms calldata terms) public view returns (bytes32 modelId) {
        return keccak256(abi.encode(MODEL_TAG, block.chainid, owner, terms));
    }

    function _setAttester(address attester, bool allowed) internal {
        isAttester[attester] = allowed;
        emit AttesterSet(attester, allowed);
    }

    /// @dev An adapter or head: the base first, then Datanets. Royalties that the base already owes are not counted again.
    function _checkDerived(
        ModelTerms calldata terms
    ) internal view returns (uint32 baseIndex, uint256 royaltyStackPpm) {
        require(terms.parents.length != 0 && terms.parents[0].version == 0, LineageBaseMissing());
        bytes32 baseId = terms.parents[0].id;
        ModelSlot memory base = _models[baseId];
        require(base.kind == ModelKind.Base, LineageBaseMissing());
        _checkLicence(baseId, base.licenceFlags, terms.licenceFlags);
        // Without royalties below the base there is nothing that could be counted twice, and no slot to read for it.
        bytes32 counted = base.royaltyStackPpm > base.royaltyPpm ? baseId : bytes32(0);
        royaltyStackPpm = base.royaltyStackPpm + _checkDatanets(terms, 1, counted);
        require(royaltyStackPpm <= ONE_PPM, LineageRoyaltyTooHigh(royaltyStackPpm));
        baseIndex = base.baseIndex;
    }

    /// @dev Checks the Datanets from parent `first` on.
    /// @param counted a base whose Datanets' royalties are counted already, 0 for none
    /// @return royaltyPpm the model's own royalty plus the Datanets'
    function _checkDatanets(
        ModelTerms calldata terms,
        uint256 first,
        bytes32 counted
    ) internal view returns (uint256 royaltyPpm) {
        uint256 count = terms.parents.length;
        require(count <= MAX_PARENTS, LineageTooManyParents(count, MAX_PARENTS));
        require(count == first || terms.trainingRoot != 0, LineageZeroDigest());
        royaltyPpm = terms.royaltyPpm;
        bytes32 last;
        for (uint256 i = first; i < count; ++i) {
            Parent calldata parent = terms.parents[i];
            require(parent.id > last, LineageParentOrder(parent.id));
            last = parent.id;
            Datanet memory datanet = _datanets[parent.id];
            require(datanet.owner != address(0), LineageUnknown(parent.id));
            require(
                parent.version != 0 && parent.version <= datanet.version,
                LineageParentVersion(parent.id, parent.version, datanet.version)
            );
            _checkLicence(parent.id, datanet.licenceFlags, terms.licenceFlags);
            if (counted == 0 || !_inBase[counted][parent.id]) royaltyPpm += datanet.royaltyPpm;
        }
        require(royaltyPpm <= ONE_PPM, LineageRoyaltyTooHigh(royaltyPpm));
    }

    /// @dev A parent must allow derivatives; commerce needs every parent's leave; reciprocity asks for the same flags.
    function _checkLicence(bytes32 parentId, uint8 parentFlags, uint8 flags) internal pure {
        bool derivable = parentFlags & LICENCE_DERIVATIVES != 0;
        bool commerceHolds = parentFlags & LICENCE_COMMERCIAL != 0 || flags & LICENCE_COMMERCIAL == 0;
        bool sharedAlike = parentFlags & LICENCE_RECIPROCAL == 0 || flags == parentFlags;
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

    /// @dev Upgrades are governance's alone.
    function _authorizeUpgrade(address) internal override onlyOwner {}
}
