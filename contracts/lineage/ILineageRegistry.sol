// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributionRules} from "./IContributionRules.sol";

// Works may be derived from this one.
uint8 constant LICENCE_DERIVATIVES = 1;
// This work may be used for money.
uint8 constant LICENCE_COMMERCIAL = 2;
// What is derived must carry exactly the same flags.
uint8 constant LICENCE_RECIPROCAL = 4;

/// @title Where data and models come from
/// @notice Records Datanets, contributions and models, and refuses a derivation that a parent's licence forbids.
/// @dev An id is the hash of the chain, the sender and all that defines the thing, parents included. A cycle would therefore
/// need a hash cycle: the graph is acyclic by construction, with no walk over ancestors. Digests are sha2-256 of content
/// (the digest of its CIDv1). Strings and digests live in events only; storage holds what contracts ask for.
/// Contributions are not even counted there: a version of a Datanet is a block, "the Datanet as of block N", and means all that
/// was contributed, accepted and withdrawn up to the end of that block. The index numbers contributions.
interface ILineageRegistry {
    /// @notice What a Datanet's records are.
    enum Modality {
        Text,
        Image,
        Audio,
        Other
    }

    /// @notice A base model stands alone; an adapter or a head is trained on top of one.
    enum ModelKind {
        None,
        Base,
        Adapter,
        Head
    }

    /// @notice What defines a Datanet.
    /// @param name 1 to 256 bytes
    /// @param modality what its records are
    /// @param licenceFlags sum of LICENCE_ flags that every contribution grants
    /// @param royaltyPpm what the Datanet asks of derived works' income, parts per million
    /// @param licence SPDX expression or CID of the text, 1 to 256 bytes
    /// @param metadataDigest digest of its description, 0 for none
    /// @param curated whether the contribution rules decide what it takes: bonds, quotas, validators. Fixed for good
    struct DatanetTerms {
        string name;
        Modality modality;
        uint8 licenceFlags;
        uint32 royaltyPpm;
        string licence;
        bytes32 metadataDigest;
        bool curated;
    }

    /// @notice Any number of records, given at once by one contributor under one licence.
    /// @param manifestDigest digest of the contribution manifest, which lists the records
    /// @param recordRoot Merkle root of the records' digests in the manifest's order
    /// @param recordCount records in the batch, at least 1
    /// @param sizeBytes sum of the records' sizes
    /// @param licence SPDX expression of these records, 1 to 256 bytes
    struct ContributionBatch {
        bytes32 manifestDigest;
        bytes32 recordRoot;
        uint32 recordCount;
        uint64 sizeBytes;
        string licence;
    }

    /// @notice What a model was made from.
    /// @param id of a Datanet or of a base model
    /// @param asOfBlock for a Datanet, the block up to the end of which it was used; for a model, 0
    struct Parent {
        bytes32 id;
        uint64 asOfBlock;
    }

    /// @notice What defines a model.
    /// @param kind Base, Adapter or Head
    /// @param name 1 to 256 bytes
    /// @param licenceFlags sum of LICENCE_ flags
    /// @param royaltyPpm what the model asks of derived works' income, parts per million
    /// @param licence SPDX expression, 1 to 256 bytes
    /// @param artefactDigest digest of the model manifest
    /// @param trainingRoot Merkle root of the digests of the records trained on; 0 only where no Datanet is a parent
    /// @param parents for an adapter or head its base first; then Datanets, ids strictly ascending
    struct ModelTerms {
        ModelKind kind;
        string name;
        uint8 licenceFlags;
        uint32 royaltyPpm;
        string licence;
        bytes32 artefactDigest;
        bytes32 trainingRoot;
        Parent[] parents;
    }

    /// @notice What contracts may ask about a Datanet.
    /// @param isCurated whether the contribution rules decide what it takes
    /// @param isDisputed nothing new may be derived from it
    /// @param createdBlock its first version
    struct Datanet {
        address owner;
        uint32 royaltyPpm;
        uint8 licenceFlags;
        Modality modality;
        bool isCurated;
        bool isDisputed;
        uint64 createdBlock;
    }

    /// @notice What contracts may ask about a model.
    /// @param royaltyStackPpm its own royalty plus those of all Datanets and models it descends from, each once
    /// @param isDisputed nothing new may be derived from it
    /// @param base the base model it runs on; a base's base is itself
    struct Model {
        address owner;
        ModelKind kind;
        uint8 licenceFlags;
        uint32 royaltyPpm;
        uint32 royaltyStackPpm;
        bool isDisputed;
        bytes32 base;
    }

    /// @notice A Datanet was created.
    event DatanetCreated(
        bytes32 indexed datanetId,
        address indexed owner,
        string name,
        Modality modality,
        uint8 licenceFlags,
        uint32 royaltyPpm,
        string licence,
        bytes32 metadataDigest,
        bool curated
    );
    /// @notice A batch was given to a Datanet, and the contributor states RIGHTS_STATEMENT about it.
    event Contributed(
        bytes32 indexed datanetId,
        address indexed contributor,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string licence
    );
    /// @notice A model was registered with its parents.
    event ModelRegistered(
        bytes32 indexed modelId,
        address indexed owner,
        ModelKind kind,
        string name,
        uint8 licenceFlags,
        uint32 royaltyPpm,
        string licence,
        bytes32 artefactDigest,
        bytes32 trainingRoot,
        Parent[] parents
    );
    /// @notice A contributor took back an attestation that nobody had submitted yet.
    event AttestationRevoked(address indexed contributor, bytes32 indexed digest);
    /// @notice A Datanet or model came under dispute, or out of it: while it is, nothing new may be derived from it.
    event DisputeFlagSet(bytes32 indexed id, address indexed flagger, bool flagged, bytes32 reasonDigest);
    /// @notice A contribution came under dispute, or out of it: readers leave its records out while it is.
    event ContributionFlagSet(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed flagger,
        bool flagged,
        bytes32 reasonDigest
    );
    /// @notice The training features of a model were published: from now on its answers can be attributed by anybody.
    event FeaturesPublished(bytes32 indexed modelId, address indexed attester, bytes32 featuresDigest);
    /// @notice A Datanet or model changed hands.
    event OwnerChanged(bytes32 indexed id, address indexed from, address indexed to);
    /// @notice An account may, or may no longer, publish features.
    event AttesterSet(address indexed attester, bool allowed);
    /// @notice An account may, or may no longer, set dispute flags.
    event FlaggerSet(address indexed flagger, bool allowed);
    /// @notice Curated Datanets ask these rules from now on.
    event ContributionRulesSet(IContributionRules indexed rules);

    /// @notice The very same thing is registered already.
    error LineageExists(bytes32 id);
    /// @notice No Datanet or model of the wanted sort has this id.
    error LineageUnknown(bytes32 id);
    /// @notice Only the owner of `id` may do this.
    error LineageNotOwner(bytes32 id, address sender);
    /// @notice Only an attester may publish features.
    error LineageNotAttester(address sender);
    /// @notice A name or licence must have 1 to 256 bytes.
    error LineageTextLength(uint256 lengthBytes);
    /// @notice Unknown licence flags.
    error LineageLicenceFlags(uint8 licenceFlags);
    /// @notice More than a million parts per million, alone or summed over all ancestors.
    error LineageRoyaltyTooHigh(uint256 royaltyPpm);
    /// @notice A digest that must be given is zero.
    error LineageZeroDigest();
    /// @notice A contribution without records.
    error LineageNoRecords();
    /// @notice The kind None defines no model.
    error LineageKindMissing();
    /// @notice More parents than can be recorded.
    error LineageTooManyParents(uint256 parents, uint256 limit);
    /// @notice An adapter or head must name a base model, as of block 0, as its first parent.
    error LineageBaseMissing();
    /// @notice Datanet parents must be strictly ascending by id.
    error LineageParentOrder(bytes32 id);
    /// @notice The Datanet has no version as of this block: it is younger, or the block is to come.
    error LineageParentBlock(bytes32 id, uint64 asOfBlock, uint256 createdBlock, uint256 latestBlock);
    /// @notice The licence of the parent `id` does not allow this derivation.
    error LineageLicenceForbids(bytes32 id);
    /// @notice The parent is under dispute: nothing new may be derived from it.
    error LineageDisputed(bytes32 id);
    /// @notice Only a flagger may set dispute flags.
    error LineageNotFlagger(address sender);
    /// @notice A curated Datanet takes nothing before governance has set the contribution rules.
    error LineageNoRules();
    /// @notice The attestation was not submitted in time.
    error LineageAttestationExpired(uint256 deadline);
    /// @notice The attestation was submitted already, or revoked.
    error LineageAttestationUsed(bytes32 digest);
    /// @notice The attestation was not signed by the contributor.
    error LineageAttestationForged(address contributor, bytes32 digest);
    /// @notice The features of this model are published already, and do not change.
    error LineageFeaturesPublished(bytes32 modelId, bytes32 featuresDigest);
    /// @notice An address that must be given is zero.
    error LineageZeroAddress();

    /// @notice Sets the registry up, once.
    /// @param governance owns the registry
    /// @param guardian_ may pause; 0 for governance alone
    /// @param attester first account that may publish features; 0 for none
    function initialize(address governance, address guardian_, address attester) external;

    /// @notice Creates a Datanet owned by the sender.
    /// @dev Stopped by a pause.
    /// @return datanetId hash of chain, sender and terms
    function createDatanet(DatanetTerms calldata terms) external returns (bytes32 datanetId);

    /// @notice Adds a batch of records, and states RIGHTS_STATEMENT about them: sending this transaction is the attestation.
    /// Anybody may contribute; what is trained on is decided later, from the manifest.
    /// @dev Trusts nothing in the batch: whoever reads the manifest checks it against its digest and root. A pause does not
    /// stop contributions to plain Datanets: asking for it would cost a fifth of what is left after the base fee.
    /// A curated Datanet hands the batch to the contribution rules, which are trusted not to call back.
    /// The members of ContributionBatch are given one by one, for a struct would cost more.
    function contributeRecords(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string calldata licence
    ) external;

    /// @notice Adds a batch that `contributor` attested by signing. Anybody may submit it, once.
    /// @dev The signature is one over `attestationDigest`, by a key or by ERC-1271. It holds for this chain, this contract,
    /// this contributor and this batch alone.
    /// @param deadline last second at which it may be submitted
    function contributeFor(
        address contributor,
        bytes32 datanetId,
        ContributionBatch calldata batch,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Takes back an attestation of the sender's that nobody has submitted yet.
    function revokeAttestation(bytes32 digest) external;

    /// @notice Registers a model owned by the sender, if the licence of every parent allows it.
    /// @return modelId hash of chain, sender and terms
    function registerModel(ModelTerms calldata terms) external returns (bytes32 modelId);

    /// @notice Publishes, once, the features by which the model's answers are attributed. Attesters only.
    function publishFeatures(bytes32 modelId, bytes32 featuresDigest) external;

    /// @notice Gives a Datanet or model away, with all that it will earn from then on.
    function transfer(bytes32 id, address to) external;

    /// @notice Puts a Datanet or model under dispute, or out of it. Flaggers only.
    /// @param reasonDigest digest of the reasons; 0 for none
    function setDisputeFlag(bytes32 id, bool flagged, bytes32 reasonDigest) external;

    /// @notice Puts a contribution under dispute, or out of it. Flaggers only.
    /// @dev An event and no storage. Contributions to plain Datanets are not known here: readers pass over an id that no
    /// `Contributed` has.
    function setContributionFlag(
        bytes32 datanetId,
        bytes32 contributionId,
        bool flagged,
        bytes32 reasonDigest
    ) external;

    /// @notice Allows or forbids an account to publish features. Governance only.
    function setAttester(address attester, bool allowed) external;

    /// @notice Allows or forbids an account to set dispute flags. Governance only.
    function setFlagger(address flagger, bool allowed) external;

    /// @notice Sets the rules that curated Datanets ask. Governance only.
    function setContributionRules(IContributionRules rules) external;

    /// @notice Owner of a Datanet or model; 0 if the id is unknown.
    function ownerOf(bytes32 id) external view returns (address owner);

    /// @notice The base model that a model runs on; a base's base is itself.
    function baseOf(bytes32 modelId) external view returns (bytes32 baseId);

    /// @notice Who earns when a model is used, in one call.
    /// @return baseOwner owner of its base
    /// @return adapterOwner owner of the adapter or head; 0 for a base used alone
    function payeesOf(bytes32 modelId) external view returns (address baseOwner, address adapterOwner);

    /// @notice A model's stored facts.
    function modelOf(bytes32 modelId) external view returns (Model memory model);

    /// @notice A Datanet's stored facts.
    function datanetOf(bytes32 datanetId) external view returns (Datanet memory datanet);

    /// @notice Digest of a model's published features; 0 before.
    function featuresOf(bytes32 modelId) external view returns (bytes32 featuresDigest);

    /// @notice Whether the account may publish features.
    function isAttester(address attester) external view returns (bool allowed);

    /// @notice Whether the account may set dispute flags.
    function isFlagger(address flagger) external view returns (bool allowed);

    /// @notice Whether an attestation was submitted or revoked.
    function isAttestationUsed(address contributor, bytes32 digest) external view returns (bool used);

    /// @notice What curated Datanets ask; 0 before governance sets it.
    function contributionRules() external view returns (IContributionRules rules);

    /// @notice What a contributor states by contributing.
    function RIGHTS_STATEMENT() external view returns (string memory statement);

    /// @notice What `contributor` signs so that others may submit the batch: the EIP-712 hash of
    /// ContributionAttestation(address contributor,bytes32 datanetId,bytes32 manifestDigest,bytes32 recordRoot,
    /// uint32 recordCount,uint64 sizeBytes,string licence,string statement,uint256 deadline), `statement` being
    /// RIGHTS_STATEMENT.
    function attestationDigest(
        address contributor,
        bytes32 datanetId,
        ContributionBatch calldata batch,
        uint256 deadline
    ) external view returns (bytes32 digest);

    /// @notice Names a contribution by what it is: the same batch given twice by one contributor has one id.
    function contributionIdOf(
        bytes32 datanetId,
        address contributor,
        bytes32 manifestDigest,
        bytes32 recordRoot
    ) external pure returns (bytes32 contributionId);

    /// @notice The id that `createDatanet` gives these terms when `owner` sends them.
    function datanetIdOf(address owner, DatanetTerms calldata terms) external view returns (bytes32 datanetId);

    /// @notice The id that `registerModel` gives these terms when `owner` sends them.
    function modelIdOf(address owner, ModelTerms calldata terms) external view returns (bytes32 modelId);
}
