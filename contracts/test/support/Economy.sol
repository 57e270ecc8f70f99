// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILineageRegistry} from "../../lineage/ILineageRegistry.sol";
import {IInferenceEscrow} from "../../payments/IInferenceEscrow.sol";
import {IRewardDistributor} from "../../rewards/IRewardDistributor.sol";
import {IRootCourt} from "../../rewards/IRootCourt.sol";
import {OpenToken} from "../../token/OpenToken.sol";
import {Cheats} from "./Cheats.sol";
import {StakeBook} from "./StakeBook.sol";

/// What OpenZeppelin gives the upgradeable contracts and their interfaces do not repeat.
interface IUpgradeable {
    error OwnableUnauthorizedAccount(address account);
    error InvalidInitialization();

    function upgradeToAndCall(address code, bytes calldata setup) external;
}

/// All contracts, wired as the deployment wires them. The test contract holds the supply.
abstract contract Economy is Cheats {
    address internal constant GOVERNOR = address(0x60);
    address internal constant GUARDIAN = address(0x6a);
    address internal constant TREASURY = address(0x7e);
    address internal constant ATTESTER = address(0xa7);
    address internal constant PROPOSER = address(0x9a);
    address internal constant STRANGER = address(0x57);
    uint96 internal constant BOND_WEI = 101; // odd, so that halves round
    uint256 internal constant WINDOW = 1 days;
    uint256 internal constant THAW = 2 days;

    OpenToken internal token;
    ILineageRegistry internal registry;
    IRootCourt internal court;
    IRewardDistributor internal vault;
    StakeBook internal stakes;
    IInferenceEscrow internal escrow;

    function setUp() public virtual {
        vm.warp(1_000_000);
        vm.roll(1_000);
        token = OpenToken(deployed("OpenToken", abi.encode(address(this))));
        registry = ILineageRegistry(
            proxy("LineageRegistry", abi.encodeCall(ILineageRegistry.initialize, (GOVERNOR, GUARDIAN, ATTESTER)))
        );
        court = IRootCourt(
            proxy(
                "RootCourt",
                abi.encodeCall(IRootCourt.initialize, (GOVERNOR, GUARDIAN, token, BOND_WEI, WINDOW, PROPOSER))
            )
        );
        vault = court.distributor();
        stakes = new StakeBook(token);
        escrow = newEscrow(address(vault));
        token.approve(address(escrow), type(uint256).max);
        token.approve(address(vault), type(uint256).max);
    }

    function proxy(string memory name, bytes memory setup) internal returns (address) {
        return deployed("ERC1967Proxy", abi.encode(deployed(name, ""), setup));
    }

    /// Another escrow, which brings contributors' money to `sink`.
    function newEscrow(address sink) internal returns (IInferenceEscrow) {
        bytes memory terms = abi.encode(token, registry, stakes, sink, TREASURY, THAW);
        bytes memory setup = abi.encodeCall(IInferenceEscrow.initialize, (GOVERNOR, GUARDIAN));
        return IInferenceEscrow(deployed("ERC1967Proxy", abi.encode(deployed("InferenceEscrow", terms), setup)));
    }

    function datanetTerms(string memory name) internal pure returns (ILineageRegistry.DatanetTerms memory) {
        return ILineageRegistry.DatanetTerms(name, ILineageRegistry.Modality.Text, 3, 10_000, "MIT", "about", false);
    }

    function curatedTerms(
        string memory name,
        bool curated
    ) internal pure returns (ILineageRegistry.DatanetTerms memory terms) {
        terms = datanetTerms(name);
        terms.curated = curated;
    }

    function batch() internal pure returns (ILineageRegistry.ContributionBatch memory) {
        return ILineageRegistry.ContributionBatch("manifest", "records", 7, 7_000, "MIT");
    }

    /// By whoever the next call is pranked to be.
    function contribute(bytes32 datanetId, ILineageRegistry.ContributionBatch memory given) internal {
        registry.contributeRecords(
            datanetId,
            given.manifestDigest,
            given.recordRoot,
            given.recordCount,
            given.sizeBytes,
            given.licence
        );
    }

    function modelTerms(
        ILineageRegistry.ModelKind kind,
        ILineageRegistry.Parent[] memory parents
    ) internal pure returns (ILineageRegistry.ModelTerms memory) {
        return ILineageRegistry.ModelTerms(kind, "model", 3, 20_000, "MIT", "artefact", "training", parents);
    }

    /// A base without parents, owned by `owner`.
    function newBase(address owner) internal returns (bytes32) {
        ILineageRegistry.Parent[] memory none;
        vm.prank(owner);
        return registry.registerModel(modelTerms(ILineageRegistry.ModelKind.Base, none));
    }

    /// An adapter on `baseId` and nothing else, owned by `owner`.
    function newAdapter(address owner, bytes32 baseId) internal returns (bytes32) {
        ILineageRegistry.Parent[] memory parents = new ILineageRegistry.Parent[](1);
        parents[0] = ILineageRegistry.Parent(baseId, 0);
        vm.prank(owner);
        return registry.registerModel(modelTerms(ILineageRegistry.ModelKind.Adapter, parents));
    }
}
