// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {Economy} from "./support/Economy.sol";

interface Freezer {
    function cool(address account) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
}

/// Gas of whole transactions through the proxy, base fee and calldata included, with nothing warmed up.
contract LineageGasTest is Economy {
    // keccak256("eip1967.proxy.implementation") - 1
    bytes32 internal constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    // What calling from here costs and a transaction does not pay.
    uint256 internal constant CALL_GAS = 100;

    bytes32 internal datanet;
    bytes32 internal base;

    function setUp() public override {
        super.setUp();
        datanet = registry.createDatanet(datanetTerms("Typescript sources"));
        base = newBase(STRANGER);
    }

    function gasOf(bytes memory data) internal returns (uint256 used) {
        address code = address(uint160(uint256(Freezer(address(vm)).load(address(registry), IMPLEMENTATION))));
        Freezer(address(vm)).cool(code);
        Freezer(address(vm)).cool(address(registry));
        address to = address(registry);
        bool done;
        assembly ("memory-safe") {
            let length := mload(data)
            used := gas()
            done := call(gas(), to, 0, add(data, 32), length, 0, 0)
            used := sub(used, gas())
        }
        require(done, "reverted");
        used = used - CALL_GAS + 21_000;
        for (uint256 i; i < data.length; ++i) used += data[i] == 0 ? 4 : 16;
    }

    function digest(string memory of_) internal pure returns (bytes32) {
        return sha256(bytes(of_)); // without zero bytes, like any
    }

    function modelGas(uint256 datanets, string memory name) internal returns (uint256) {
        ILineageRegistry.Parent[] memory parents = new ILineageRegistry.Parent[](1 + datanets);
        parents[0].id = base;
        if (datanets != 0) parents[1] = ILineageRegistry.Parent(datanet, uint64(block.number));
        ILineageRegistry.ModelTerms memory terms = modelTerms(ILineageRegistry.ModelKind.Adapter, parents);
        (terms.name, terms.licence) = (name, "Apache-2.0");
        (terms.artefactDigest, terms.trainingRoot) = (digest("artefact"), digest("training"));
        return gasOf(abi.encodeCall(ILineageRegistry.registerModel, (terms)));
    }

    function atMost(uint256 used, uint256 bar, string memory what) internal pure {
        require(used <= bar, NotEqual(what, used, bar));
    }

    function test_AContributionOfAnySizeCostsAtMost35000() public optimised {
        for (uint32 records = 1; records <= 1_000_000; records *= 1_000) {
            uint256 used = gasOf(
                abi.encodeCall(
                    ILineageRegistry.contributeRecords,
                    (datanet, digest("manifest"), digest("records"), records, 5_000 * uint64(records), "Apache-2.0")
                )
            );
            atMost(used, 35_000, "contribution");
        }
    }

    function test_ARegistrationWithOneParentCostsAtMost65000() public optimised {
        atMost(modelGas(0, "adapter-of-docs"), 65_000, "registration");
    }

    function test_ARegistrationOnABaseAndADatanetCostsAtMost70000() public optimised {
        atMost(modelGas(1, "adapter-of-docs"), 70_000, "registration with a Datanet");
    }

    function test_ADatanetCostsAtMost61000() public optimised {
        uint256 used = gasOf(abi.encodeCall(ILineageRegistry.createDatanet, (datanetTerms("Readme files"))));
        atMost(used, 61_000, "Datanet");
    }
}
